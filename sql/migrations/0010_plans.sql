-- Plans: what a run would do, staged and merged but not published, waiting for an operator.

-- always: the run was started as a plan. when_due: it stops where the rules say so. never: it was approved beforehand.
ALTER TABLE runs {{cluster}} ADD COLUMN IF NOT EXISTS plan_rule LowCardinality(String) DEFAULT 'when_due';

-- A full extract that would delete at least this many records, and more than this share of the current ones, stops as a plan.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS delete_threshold_percent Float64 DEFAULT 20;

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS delete_minimum_records UInt32 DEFAULT 50;

-- The run that began a publish which is not settled yet: a plan must know whether that was its own.
ALTER TABLE table_states {{cluster}} ADD COLUMN IF NOT EXISTS unsettled_by String DEFAULT '';

-- One row per table of a run that stopped.
CREATE TABLE IF NOT EXISTS plans {{cluster}} (
    run_id String,
    tenant_id String,
    table_name LowCardinality(String),
    -- waiting; applying (from just before its publish); applied; rejected; stale (it is planned anew).
    status LowCardinality(String),
    -- Why it stopped: asked, reload, extract.
    reason LowCardinality(String),
    -- Leases whose staging tables are the plan's: they are kept while it waits or is applied.
    tokens Array(String),
    -- The extracts it counts, ms UTC.
    extracts Array(Int64),
    -- JSON: what publishing needs beside the staging tables.
    prepared String CODEC(ZSTD(3)),
    -- JSON: the objects it read and the publish it was made behind.
    basis String CODEC(ZSTD(3)),
    -- JSON: what it would do.
    figures String CODEC(ZSTD(3)),
    -- JSON: the plan that it replaced and why, or ''.
    previous String CODEC(ZSTD(3)),
    created_at DateTime64(3, 'UTC'),
    expires_at DateTime64(3, 'UTC'),
    -- apply, reject or ''.
    decision LowCardinality(String),
    decided_by String,
    decided_at Nullable(DateTime64(3, 'UTC')),
    decision_reason String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (tenant_id, run_id, table_name);
