-- Histories with current rows apart (docs/decisions/0028-current-rows-apart.md): closed versions lie by id and start, behind
-- them one current row for each entity. So what is asked of current rows, to read them and to close them, is asked of those
-- alone, and a version that becomes the current one replaces the row of the one before it.
--
-- Granules are small: a timeline reads one or two of each part, whole. Parts of up to 32 MB are one file instead of one for each
-- column, or reading few rows of several tenants is mostly opening files. Small granules compress worse, which a higher level of
-- ZSTD makes good.
--
-- …_current_of_tenant: a part holds no two rows of a key, and merging joins neighbours. So what the first part of a partition
-- holds has replaced whatever it could, and only rows of later parts that replace others have to be looked for. A row of a
-- later part that replaces others counts by its part's place, so that of several the newest is left; every other row of the
-- entity counts as 0. It is right only where all reads of the statement see the same parts, which is asked.
--
-- Copied anew where this is run again: what the table is called tells nothing of how it is laid out.

ALTER TABLE companies_scd {{cluster}} DROP PROJECTION IF EXISTS current_rows;
CREATE OR REPLACE TABLE companies_scd_apart {{cluster}} AS companies_scd
ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
PRIMARY KEY (tenant_id, is_current, company_id)
ORDER BY (tenant_id, is_current, company_id, if(is_current, toDateTime64(0, 3, 'UTC'), effective_start_date))
TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(7))
SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 33554432;
INSERT INTO companies_scd_apart SELECT * FROM companies_scd FINAL SETTINGS max_partitions_per_insert_block = 0, do_not_merge_across_partitions_select_final = 1;
EXCHANGE TABLES companies_scd AND companies_scd_apart {{cluster}};
DROP TABLE companies_scd_apart {{cluster}} SYNC;

CREATE OR REPLACE VIEW companies_current {{cluster}} AS
SELECT * FROM companies_scd FINAL PREWHERE is_current = 1;

CREATE OR REPLACE VIEW companies_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM companies_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM companies_scd PREWHERE is_current = 1 AND is_deleted = 0
WHERE _partition_id = first.2
    AND xxh3_128(company_id, if(_part = first.1 OR row_version = 1, 0,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))) NOT IN (
        SELECT xxh3_128(company_id, toUInt64(0))
        FROM companies_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each entity.
        SELECT xxh3_128(company_id, place)
        FROM (
            SELECT company_id, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM companies_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY row_version DESC, place DESC
            LIMIT 1, 1000000 BY company_id
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE contacts_scd {{cluster}} DROP PROJECTION IF EXISTS current_rows;
CREATE OR REPLACE TABLE contacts_scd_apart {{cluster}} AS contacts_scd
ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
PRIMARY KEY (tenant_id, is_current, contact_id)
ORDER BY (tenant_id, is_current, contact_id, if(is_current, toDateTime64(0, 3, 'UTC'), effective_start_date))
TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(7))
SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 33554432;
INSERT INTO contacts_scd_apart SELECT * FROM contacts_scd FINAL SETTINGS max_partitions_per_insert_block = 0, do_not_merge_across_partitions_select_final = 1;
EXCHANGE TABLES contacts_scd AND contacts_scd_apart {{cluster}};
DROP TABLE contacts_scd_apart {{cluster}} SYNC;

CREATE OR REPLACE VIEW contacts_current {{cluster}} AS
SELECT * FROM contacts_scd FINAL PREWHERE is_current = 1;

CREATE OR REPLACE VIEW contacts_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM contacts_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM contacts_scd PREWHERE is_current = 1 AND is_deleted = 0
WHERE _partition_id = first.2
    AND xxh3_128(contact_id, if(_part = first.1 OR row_version = 1, 0,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))) NOT IN (
        SELECT xxh3_128(contact_id, toUInt64(0))
        FROM contacts_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each entity.
        SELECT xxh3_128(contact_id, place)
        FROM (
            SELECT contact_id, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM contacts_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY row_version DESC, place DESC
            LIMIT 1, 1000000 BY contact_id
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE tickets_scd {{cluster}} DROP PROJECTION IF EXISTS current_rows;
CREATE OR REPLACE TABLE tickets_scd_apart {{cluster}} AS tickets_scd
ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
PRIMARY KEY (tenant_id, is_current, ticket_id)
ORDER BY (tenant_id, is_current, ticket_id, if(is_current, toDateTime64(0, 3, 'UTC'), effective_start_date))
TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(7))
SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 33554432;
INSERT INTO tickets_scd_apart SELECT * FROM tickets_scd FINAL SETTINGS max_partitions_per_insert_block = 0, do_not_merge_across_partitions_select_final = 1;
EXCHANGE TABLES tickets_scd AND tickets_scd_apart {{cluster}};
DROP TABLE tickets_scd_apart {{cluster}} SYNC;

CREATE OR REPLACE VIEW tickets_current {{cluster}} AS
SELECT * FROM tickets_scd FINAL PREWHERE is_current = 1;

CREATE OR REPLACE VIEW tickets_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM tickets_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM tickets_scd PREWHERE is_current = 1 AND is_deleted = 0
WHERE _partition_id = first.2
    AND xxh3_128(ticket_id, if(_part = first.1 OR row_version = 1, 0,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))) NOT IN (
        SELECT xxh3_128(ticket_id, toUInt64(0))
        FROM tickets_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each entity.
        SELECT xxh3_128(ticket_id, place)
        FROM (
            SELECT ticket_id, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM tickets_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY row_version DESC, place DESC
            LIMIT 1, 1000000 BY ticket_id
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE time_entries_scd {{cluster}} DROP PROJECTION IF EXISTS current_rows;
CREATE OR REPLACE TABLE time_entries_scd_apart {{cluster}} AS time_entries_scd
ENGINE = ReplacingMergeTree(row_version, is_deleted)
PARTITION BY tenant_id
PRIMARY KEY (tenant_id, is_current, entry_id)
ORDER BY (tenant_id, is_current, entry_id, if(is_current, toDateTime64(0, 3, 'UTC'), effective_start_date))
TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(7))
SETTINGS index_granularity = 1024, min_bytes_for_wide_part = 33554432;
INSERT INTO time_entries_scd_apart SELECT * FROM time_entries_scd FINAL SETTINGS max_partitions_per_insert_block = 0, do_not_merge_across_partitions_select_final = 1;
EXCHANGE TABLES time_entries_scd AND time_entries_scd_apart {{cluster}};
DROP TABLE time_entries_scd_apart {{cluster}} SYNC;

CREATE OR REPLACE VIEW time_entries_current {{cluster}} AS
SELECT * FROM time_entries_scd FINAL PREWHERE is_current = 1;

CREATE OR REPLACE VIEW time_entries_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM time_entries_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM time_entries_scd PREWHERE is_current = 1 AND is_deleted = 0
WHERE _partition_id = first.2
    AND xxh3_128(entry_id, if(_part = first.1 OR row_version = 1, 0,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))) NOT IN (
        SELECT xxh3_128(entry_id, toUInt64(0))
        FROM time_entries_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each entity.
        SELECT xxh3_128(entry_id, place)
        FROM (
            SELECT entry_id, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM time_entries_scd PREWHERE is_current = 1 AND row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY row_version DESC, place DESC
            LIMIT 1, 1000000 BY entry_id
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');
