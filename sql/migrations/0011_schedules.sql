-- What an operator sets per tenant. A change is a new row of `tenants`, as ever.

-- `interval` (every N minutes) or `cron` (five fields, in schedule_time_zone).
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS schedule_kind LowCardinality(String) DEFAULT 'interval';

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS schedule_interval_minutes UInt32 DEFAULT 15;

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS schedule_cron String DEFAULT '';

-- IANA name; '' is the tenant's own zone.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS schedule_time_zone String DEFAULT '';

-- When the schedule was last changed or resumed: times before it are not missed. NULL: since the tenant is known.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS schedule_since Nullable(DateTime64(3, 'UTC')) DEFAULT NULL;

-- Nothing of a paused tenant starts by itself.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS paused Bool DEFAULT false;

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS paused_by String DEFAULT '';

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS paused_at Nullable(DateTime64(3, 'UTC')) DEFAULT NULL;

ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS pause_reason String DEFAULT '';

-- low, normal or high: the share of the work where tenants wait for each other.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS priority LowCardinality(String) DEFAULT 'normal';

-- Most tables of the tenant that are worked on at once, over all its runs.
ALTER TABLE tenants {{cluster}} ADD COLUMN IF NOT EXISTS tables_at_once UInt8 DEFAULT 6;

-- The newest look into each tenant's part of the store, on schedule or because an object landed: what lies there that is
-- not in the tables.
CREATE TABLE IF NOT EXISTS schedule_checks {{cluster}} (
    tenant_id String,
    checked_at DateTime64(3, 'UTC'),
    -- schedule or event.
    cause LowCardinality(String),
    -- started, nothing_new or failed.
    outcome LowCardinality(String),
    -- The schedule's time that this look answered; earlier ones that were missed are answered with it.
    slot_at Nullable(DateTime64(3, 'UTC')),
    -- The run that was started, or ''.
    run_id String,
    -- One entry for each table with waiting objects.
    waiting Array(Tuple(table_name String, objects UInt64, bytes UInt64, oldest_at DateTime64(3, 'UTC'))),
    -- Of objects that cannot be taken in and are no dead letters yet: a look that finds others starts a run too.
    oddities String,
    error String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY tenant_id;

-- What the process that starts increments says of itself; `scheduler` is always 'increments'.
CREATE TABLE IF NOT EXISTS schedulers {{cluster}} (
    scheduler String,
    worker String,
    started_at DateTime64(3, 'UTC'),
    beat_at DateTime64(3, 'UTC'),
    -- How landed objects are noticed: watch, listing or off; the message says why.
    landing LowCardinality(String),
    message String,
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY scheduler;
