-- Who carries a run out: local (a process of ours) or stepfunctions. The execution is Step Functions' own address of the
-- run, kept because the state machine that is configured can be another by the time somebody asks.
ALTER TABLE runs {{cluster}} ADD COLUMN IF NOT EXISTS orchestrator LowCardinality(String) DEFAULT 'local';

ALTER TABLE runs {{cluster}} ADD COLUMN IF NOT EXISTS execution_arn String DEFAULT '';

-- One row per call of a task of the state machine, whoever carries the run out: what went in, what came out.
CREATE TABLE IF NOT EXISTS run_tasks {{cluster}} (
    run_id String,
    tenant_id String,
    -- '' for the tasks of the run itself.
    table_name LowCardinality(String),
    -- The state's name in the definition.
    state LowCardinality(String),
    -- Rises with every call; the same state is called again for a retry, and while there is more to do.
    call UInt64,
    -- From 1 within one visit of the state.
    attempt UInt32,
    status LowCardinality(String),
    started_at DateTime64(3, 'UTC'),
    finished_at Nullable(DateTime64(3, 'UTC')),
    -- JSON; no row data.
    input String,
    output String,
    -- The name that Retry and Catch match, and the words.
    error_name LowCardinality(String),
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY (run_id, table_name, state, call);
