-- How the logs and histories are kept on disk. Parts are written with the server's default codec (LZ4) and merged with it
-- while they are young; an hour after its last record came a part is written again with ZSTD(3), once, in the background.
-- Times have a common divisor (a second, mostly; a minute in some systems), which GCD takes out. server/scd2/staging-shape.ts
-- gives staging tables the same TTL, for a part that is attached brings along when it is due.

ALTER TABLE companies_log {{cluster}}
    MODIFY COLUMN observed_at CODEC(GCD, Default),
    MODIFY COLUMN object_stamp CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default);
ALTER TABLE companies_log {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE companies_scd {{cluster}}
    MODIFY COLUMN effective_start_date CODEC(GCD, Default),
    MODIFY COLUMN effective_end_date CODEC(GCD, Default),
    MODIFY COLUMN last_updated CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default),
    MODIFY COLUMN partition_date CODEC(T64, Default);
ALTER TABLE companies_scd {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE contacts_log {{cluster}}
    MODIFY COLUMN observed_at CODEC(GCD, Default),
    MODIFY COLUMN object_stamp CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default);
ALTER TABLE contacts_log {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE contacts_scd {{cluster}}
    MODIFY COLUMN effective_start_date CODEC(GCD, Default),
    MODIFY COLUMN effective_end_date CODEC(GCD, Default),
    MODIFY COLUMN last_updated CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default),
    MODIFY COLUMN partition_date CODEC(T64, Default);
ALTER TABLE contacts_scd {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE tickets_log {{cluster}}
    MODIFY COLUMN observed_at CODEC(GCD, Default),
    MODIFY COLUMN object_stamp CODEC(GCD, Default),
    MODIFY COLUMN created_date CODEC(GCD, Default),
    MODIFY COLUMN closed_date CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default);
ALTER TABLE tickets_log {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE tickets_scd {{cluster}}
    MODIFY COLUMN effective_start_date CODEC(GCD, Default),
    MODIFY COLUMN effective_end_date CODEC(GCD, Default),
    MODIFY COLUMN last_updated CODEC(GCD, Default),
    MODIFY COLUMN created_date CODEC(GCD, Default),
    MODIFY COLUMN closed_date CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default),
    MODIFY COLUMN partition_date CODEC(T64, Default);
ALTER TABLE tickets_scd {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE time_entries_log {{cluster}}
    MODIFY COLUMN observed_at CODEC(GCD, Default),
    MODIFY COLUMN object_stamp CODEC(GCD, Default),
    MODIFY COLUMN time_start CODEC(GCD, Default),
    MODIFY COLUMN time_end CODEC(GCD, Default),
    MODIFY COLUMN date_entered CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default);
ALTER TABLE time_entries_log {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));

ALTER TABLE time_entries_scd {{cluster}}
    MODIFY COLUMN effective_start_date CODEC(GCD, Default),
    MODIFY COLUMN effective_end_date CODEC(GCD, Default),
    MODIFY COLUMN last_updated CODEC(GCD, Default),
    MODIFY COLUMN time_start CODEC(GCD, Default),
    MODIFY COLUMN time_end CODEC(GCD, Default),
    MODIFY COLUMN date_entered CODEC(GCD, Default),
    MODIFY COLUMN source_row CODEC(T64, Default),
    MODIFY COLUMN partition_date CODEC(T64, Default);
ALTER TABLE time_entries_scd {{cluster}} MODIFY TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3));
