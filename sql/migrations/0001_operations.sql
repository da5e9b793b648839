-- Operational state. Every table is append-only: a change is a new row with a higher `version`, and
-- readers take the newest one (FINAL). Times are UTC milliseconds.

CREATE TABLE IF NOT EXISTS tenants {{cluster}} (
    tenant_id String,
    name String,
    source_system String,
    time_zone String,
    freshness_target_minutes UInt32,
    -- A batch of at least `reject_minimum_rows` rows with more than this share rejected is not published.
    reject_threshold_percent Float64,
    reject_minimum_rows UInt32,
    created_at DateTime64(3, 'UTC'),
    created_by String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY tenant_id;

CREATE TABLE IF NOT EXISTS runs {{cluster}} (
    run_id String,
    tenant_id String,
    mode LowCardinality(String),
    tables Array(String),
    status LowCardinality(String),
    -- Who asked for it: console, cli, schedule, demo.
    trigger LowCardinality(String),
    requested_by String,
    created_at DateTime64(3, 'UTC'),
    started_at Nullable(DateTime64(3, 'UTC')),
    finished_at Nullable(DateTime64(3, 'UTC')),
    -- For the screen; what stops a run is the event cancel_requested.
    cancel_requested_by String,
    -- host:pid of the process that carries it out.
    worker String,
    heartbeat_at DateTime64(3, 'UTC'),
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY run_id;

CREATE TABLE IF NOT EXISTS run_tables {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    status LowCardinality(String),
    -- The step at work: discover, stage, audit, merge, publish, ledger, verify.
    step LowCardinality(String),
    attempt UInt32,
    objects_total UInt64,
    objects_done UInt64,
    bytes_total UInt64,
    bytes_done UInt64,
    -- An estimate from the bytes until every object has been read.
    rows_total UInt64,
    rows_done UInt64,
    rows_per_second Float64,
    read UInt64,
    new UInt64,
    changed UInt64,
    deleted UInt64,
    unchanged UInt64,
    duplicate UInt64,
    rejected UInt64,
    -- The table's whole history after this run.
    versions UInt64,
    current UInt64,
    started_at Nullable(DateTime64(3, 'UTC')),
    finished_at Nullable(DateTime64(3, 'UTC')),
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, table_name);

-- One row per step of a table's batch and attempt; table_name is '' for the steps of the run itself.
CREATE TABLE IF NOT EXISTS run_steps {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    attempt UInt32,
    batch UInt32,
    step LowCardinality(String),
    status LowCardinality(String),
    started_at DateTime64(3, 'UTC'),
    finished_at Nullable(DateTime64(3, 'UTC')),
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, table_name, attempt, batch, step);

CREATE TABLE IF NOT EXISTS run_events {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    at DateTime64(3, 'UTC'),
    sequence UInt64,
    -- info, warn, error
    level LowCardinality(String),
    -- A short fixed name, such as batch_published; the message says the rest in words.
    event LowCardinality(String),
    message String,
    detail String
) ENGINE = MergeTree
ORDER BY (run_id, at, sequence);

-- One row per batch that was published: the row ledger at its finest, and the source of throughput.
CREATE TABLE IF NOT EXISTS batches {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    batch UInt32,
    published_at DateTime64(3, 'UTC'),
    seconds Float64,
    objects UInt64,
    bytes UInt64,
    read UInt64,
    new UInt64,
    changed UInt64,
    deleted UInt64,
    unchanged UInt64,
    duplicate UInt64,
    rejected UInt64,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, table_name, batch);

-- The object ledger: what of the canonical store is in the tables. status: done, failed (a dead letter
-- of kind object says why), dropped (a bulk reload no longer found it).
CREATE TABLE IF NOT EXISTS objects {{cluster}} (
    tenant_id String,
    table_name LowCardinality(String),
    object_key String,
    etag String,
    bytes UInt64,
    last_modified DateTime64(3, 'UTC'),
    stamp DateTime64(3, 'UTC'),
    extract_at Nullable(DateTime64(3, 'UTC')),
    status LowCardinality(String),
    run_id String,
    batch UInt32,
    read UInt64,
    rejected UInt64,
    finished_at DateTime64(3, 'UTC'),
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name, object_key);

-- Complete extracts. status: counted (its absences are deletes, R8), blind (it lists records without a
-- readable id, so its absences prove nothing), dropped (a bulk reload no longer found it).
CREATE TABLE IF NOT EXISTS extracts {{cluster}} (
    tenant_id String,
    table_name LowCardinality(String),
    extract_at DateTime64(3, 'UTC'),
    status LowCardinality(String),
    run_id String,
    batch UInt32,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name, extract_at);

-- What is true of a tenant's table now: written by every publish and verify.
CREATE TABLE IF NOT EXISTS table_states {{cluster}} (
    tenant_id String,
    table_name LowCardinality(String),
    -- Stamp of the newest object in the table: freshness is its age.
    newest_object_at Nullable(DateTime64(3, 'UTC')),
    -- Greatest last_updated in the table.
    watermark Nullable(DateTime64(3, 'UTC')),
    published_at DateTime64(3, 'UTC'),
    run_id String,
    entities UInt64,
    versions UInt64,
    current UInt64,
    invariants_held UInt8,
    invariants_checked UInt8,
    -- Names of the invariants that do not hold.
    invariants_broken Array(String),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name);

CREATE TABLE IF NOT EXISTS validation_results {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    batch UInt32,
    rule LowCardinality(String),
    -- '' where the rule is about the whole row.
    field LowCardinality(String),
    checked UInt64,
    failed UInt64,
    samples Array(Tuple(object_key String, source_row UInt64, entity_id String, value String, message String)),
    at DateTime64(3, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, table_name, batch, rule, field);

-- kind: record, object, run. status: open, replayed, discarded, superseded (a reload no longer rejects it).
-- The id is a hash of where the failure is, so that meeting it again counts an attempt instead of adding a row.
CREATE TABLE IF NOT EXISTS dead_letters {{cluster}} (
    dead_letter_id String,
    tenant_id String,
    table_name LowCardinality(String),
    kind LowCardinality(String),
    run_id String,
    object_key String,
    etag String,
    -- Counted from 1, as a person counts lines; 0 for an object or a run.
    source_row UInt64,
    entity_id String,
    raw String CODEC(ZSTD(3)),
    errors Array(Tuple(field String, rule String, message String, value String)),
    -- Equal failures share it: table, rule, field and shape of the value.
    fingerprint String,
    -- What the group is called on screen.
    cause String,
    first_seen DateTime64(3, 'UTC'),
    last_seen DateTime64(3, 'UTC'),
    attempts UInt32,
    status LowCardinality(String),
    resolved_by String,
    resolved_at Nullable(DateTime64(3, 'UTC')),
    resolution String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, table_name, dead_letter_id);

-- One row per process that holds, or held, the right to work on a (tenant, table) or to carry out a run.
-- Mutual exclusion itself is the atomic creation of a table of the lease's name; this says who and until when.
CREATE TABLE IF NOT EXISTS leases {{cluster}} (
    lease String,
    token String,
    holder String,
    run_id String,
    heartbeat_at DateTime64(3, 'UTC'),
    released UInt8,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (lease, token)
TTL toDateTime(heartbeat_at) + INTERVAL 7 DAY;

CREATE TABLE IF NOT EXISTS users {{cluster}} (
    username String,
    display_name String,
    role LowCardinality(String),
    password_hash String,
    disabled UInt8,
    created_at DateTime64(3, 'UTC'),
    created_by String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY username;

CREATE TABLE IF NOT EXISTS sign_in_attempts {{cluster}} (
    username String,
    address String,
    succeeded UInt8,
    at DateTime64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (username, at)
TTL toDateTime(at) + INTERVAL 30 DAY;

CREATE TABLE IF NOT EXISTS audit {{cluster}} (
    audit_id String,
    at DateTime64(3, 'UTC'),
    actor String,
    role LowCardinality(String),
    -- A permission-like name: run:start, run:cancel, user:add, sign-in.
    action LowCardinality(String),
    tenant_id String,
    target String,
    outcome LowCardinality(String),
    before String,
    after String,
    request_id String
) ENGINE = MergeTree
ORDER BY (at, audit_id);
