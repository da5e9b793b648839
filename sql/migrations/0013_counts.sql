-- What screens ask of whole tables, kept with every part of them. Such a projection knows nothing of versions that replace
-- each other, so only what a replaced row cannot falsify is kept in one: the newest of something, and which rows there are.

ALTER TABLE run_tables {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- The newest run of each table, and its newest good end: a table that succeeded within a run stays so.
ALTER TABLE run_tables {{cluster}} ADD PROJECTION IF NOT EXISTS newest_of_table (
    SELECT tenant_id, table_name, max(run_id), maxIf(finished_at, status = 'succeeded')
    GROUP BY tenant_id, table_name
);

ALTER TABLE run_tables {{cluster}} MATERIALIZE PROJECTION newest_of_table;

ALTER TABLE validation_results {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- The newest batch of each table.
ALTER TABLE validation_results {{cluster}} ADD PROJECTION IF NOT EXISTS newest_of_table (
    SELECT tenant_id, table_name, max((run_id, batch))
    GROUP BY tenant_id, table_name
);

ALTER TABLE validation_results {{cluster}} MATERIALIZE PROJECTION newest_of_table;

ALTER TABLE dead_letters {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

-- Which rows a table has, replaced ones among them: what was counted from the same rows still holds.
ALTER TABLE dead_letters {{cluster}} ADD PROJECTION IF NOT EXISTS marks (
    SELECT tenant_id, table_name, count(), sum(version)
    GROUP BY tenant_id, table_name
);

ALTER TABLE dead_letters {{cluster}} MATERIALIZE PROJECTION marks;

-- An address names a dead letter by its id alone.
ALTER TABLE dead_letters {{cluster}} ADD INDEX IF NOT EXISTS by_id dead_letter_id TYPE bloom_filter(0.01) GRANULARITY 1;

ALTER TABLE dead_letters {{cluster}} MATERIALIZE INDEX by_id;

-- Dead letters counted by table and cause. A row holds only while dead_letters has just the rows that it was counted from;
-- readers compare, and count those tables themselves of which it does not hold.
CREATE TABLE IF NOT EXISTS dead_letter_counts {{cluster}} (
    tenant_id String,
    table_name LowCardinality(String),
    -- Of the rows of dead_letters: how many, and the sum of their versions.
    rows UInt64,
    versions UInt64,
    open UInt64,
    groups Array(Tuple(
        kind LowCardinality(String),
        status LowCardinality(String),
        fingerprint String,
        found UInt64,
        first_seen DateTime64(3, 'UTC'),
        last_seen DateTime64(3, 'UTC'),
        -- The one seen last.
        newest_id String,
        -- Hours since the epoch, and how many were first seen in each; of the last day alone.
        hours Array(UInt32),
        found_by_hour Array(UInt64)
    )),
    counted_at DateTime64(3, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name);
