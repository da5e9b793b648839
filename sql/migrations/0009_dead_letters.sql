-- Records that were mended: an object's row as it came (by its hash), and what stands for it. Kept for good, and laid over
-- that row whenever it is staged again, so that the history is a function of the store and the mends.
CREATE TABLE IF NOT EXISTS mends {{cluster}} (
    tenant_id String,
    table_name LowCardinality(String),
    object_key String,
    -- Counted from 1.
    source_row UInt64,
    -- Of the record as it came; where another lies there now, the mend does not apply.
    original_hash UInt128,
    -- The mended record, one JSON object.
    payload String CODEC(ZSTD(3)),
    dead_letter_id String,
    -- The replay that took it in.
    run_id String,
    mended_by String,
    mended_at DateTime64(3, 'UTC'),
    reason String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name, object_key, source_row);

-- What a filter or a choice matched at the moment it was asked: what arrives later is not in it.
CREATE TABLE IF NOT EXISTS dead_letter_selections {{cluster}} (
    selection_id String,
    tenant_id String,
    table_name LowCardinality(String),
    kind LowCardinality(String),
    dead_letter_id String,
    created_by String,
    created_at DateTime64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (selection_id, table_name, dead_letter_id)
TTL toDateTime(created_at) + INTERVAL 7 DAY;

-- What a replay run is to try again. Written before the run is queued.
CREATE TABLE IF NOT EXISTS replay_items {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    -- record or object
    kind LowCardinality(String),
    dead_letter_id String,
    object_key String,
    -- 0 for an object.
    source_row UInt64,
    original_hash UInt128,
    -- The record to take in, edited or as it came; '' for an object.
    payload String CODEC(ZSTD(3)),
    requested_by String,
    reason String,
    at DateTime64(3, 'UTC')
) ENGINE = ReplacingMergeTree(at)
ORDER BY (run_id, table_name, object_key, source_row)
TTL toDateTime(at) + INTERVAL 90 DAY;

-- How often a person had it tried again, and the edited record that was rejected last.
ALTER TABLE dead_letters {{cluster}} ADD COLUMN IF NOT EXISTS replays UInt32 DEFAULT 0;

ALTER TABLE dead_letters {{cluster}} ADD COLUMN IF NOT EXISTS draft String DEFAULT '' CODEC(ZSTD(3));

-- Days after which dead letters that are closed are removed, by tenant; the default is in server/dlq.
CREATE TABLE IF NOT EXISTS dead_letter_retention {{cluster}} (
    tenant_id String,
    days UInt32,
    set_by String,
    set_at DateTime64(3, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY tenant_id;
