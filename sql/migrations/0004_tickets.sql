-- tickets: the observation log and the SCD Type 2 history derived from it.

-- Every record that was delivered, kept for good. The history is a pure function of the observations
-- (upserts and deletes) among them; a row that is written twice has the same key and collapses. What a delete
-- marker or a rejected record has in its business columns means nothing.
CREATE TABLE IF NOT EXISTS tickets_log {{cluster}} (
    tenant_id String,
    ticket_id String,
    -- When the observation is about: last_updated, or the object's stamp (R4).
    observed_at DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    object_stamp DateTime64(3, 'UTC') CODEC(Delta, ZSTD(1)),
    source_object LowCardinality(String),
    source_row UInt64,
    -- A rejected record is kept too, as it came: it says nothing of the entity's state, only that an
    -- extract did list it. Its id is '' where none could be read.
    kind Enum8('upsert' = 0, 'delete' = 1, 'rejected' = 2),
    -- The full extract the object belongs to.
    extract_at Nullable(DateTime64(3, 'UTC')),
    ticket_number Nullable(String),
    summary Nullable(String),
    description Nullable(String),
    status String,
    priority Nullable(String),
    severity Nullable(String),
    company_id Nullable(String),
    company_name Nullable(String),
    contact_id Nullable(String),
    contact_name Nullable(String),
    owner_id Nullable(String),
    owner_name Nullable(String),
    created_date Nullable(DateTime64(3, 'UTC')),
    closed_date Nullable(DateTime64(3, 'UTC')),
    budget_hours Nullable(Decimal64(2)),
    actual_hours Nullable(Decimal64(2)),
    record_hash UInt128,
    source_system String,
    source_table String,
    ingestion_timestamp DateTime64(3, 'UTC'),
    run_id LowCardinality(String),
    -- Of a rejected record: the record as it came, and what is wrong with it.
    raw String,
    errors Array(Tuple(field String, rule String, message String, value String))
) ENGINE = ReplacingMergeTree
PARTITION BY tenant_id
ORDER BY (tenant_id, ticket_id, observed_at, object_stamp, source_object, source_row);

CREATE TABLE IF NOT EXISTS tickets_scd {{cluster}} (
    tenant_id String,
    ticket_id String,
    ticket_number Nullable(String),
    summary Nullable(String),
    description Nullable(String),
    status String,
    priority Nullable(String),
    severity Nullable(String),
    company_id Nullable(String),
    company_name Nullable(String),
    contact_id Nullable(String),
    contact_name Nullable(String),
    owner_id Nullable(String),
    owner_name Nullable(String),
    created_date Nullable(DateTime64(3, 'UTC')),
    closed_date Nullable(DateTime64(3, 'UTC')),
    budget_hours Nullable(Decimal64(2)),
    actual_hours Nullable(Decimal64(2)),
    effective_start_date DateTime64(3, 'UTC'),
    effective_end_date Nullable(DateTime64(3, 'UTC')),
    is_current Bool,
    record_hash UInt128,
    source_system String,
    source_table String,
    ingestion_timestamp DateTime64(3, 'UTC'),
    last_updated DateTime64(3, 'UTC'),
    -- Lineage of the version: the run, object and row its content came from.
    run_id LowCardinality(String),
    source_object LowCardinality(String),
    source_row UInt64,
    -- A tombstone: the version that started here is no longer part of the history.
    is_deleted UInt8,
    row_version UInt64,
    partition_date Date32 MATERIALIZED toDate32(effective_start_date)
) ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
ORDER BY (tenant_id, ticket_id, effective_start_date);

CREATE VIEW IF NOT EXISTS tickets_current {{cluster}} AS
SELECT * FROM tickets_scd FINAL WHERE is_current = 1;

-- For the application: cannot be read without naming a tenant.
CREATE VIEW IF NOT EXISTS tickets_current_of_tenant {{cluster}} AS
SELECT * FROM tickets_scd FINAL WHERE tenant_id = {tenant_id:String} AND is_current = 1;

CREATE VIEW IF NOT EXISTS tickets_history_of_tenant {{cluster}} AS
SELECT * FROM tickets_scd FINAL WHERE tenant_id = {tenant_id:String};
