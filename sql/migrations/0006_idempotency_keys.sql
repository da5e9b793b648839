-- Replies to requests that carried an Idempotency-Key, so that a repeat gets the first one's reply.
CREATE TABLE IF NOT EXISTS idempotency_keys {{cluster}} (
    actor String,
    action LowCardinality(String),
    key String,
    input_hash String,
    -- The reply as JSON.
    reply String,
    at DateTime64(3, 'UTC')
) ENGINE = MergeTree
ORDER BY (actor, action, key)
TTL toDateTime(at) + INTERVAL 2 DAY;
