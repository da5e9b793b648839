-- Which server a tenant's tables are on, where there are several: 1 is CLICKHOUSE_URL, then CLICKHOUSE_SHARDS in order. It is
-- read on the first server only; a tenant without a row is there.
CREATE TABLE IF NOT EXISTS tenant_placements {{cluster}} (
    tenant_id String,
    shard UInt32,
    placed_by String,
    placed_at DateTime64(3, 'UTC'),
    version UInt64
) ENGINE = ReplacingMergeTree(version)
ORDER BY tenant_id;
