-- Current rows without FINAL, for which a history is read as a whole (docs/decisions/0025-current-rows.md).
--
-- current_rows: the current rows of every part once more, next to each other, without long texts. A part that has none is read
-- itself, so it is only a matter of speed.
-- row_versions: rows that replace others are found without reading those that do not, which have row version 1.
--
-- …_current_of_tenant: a part holds no two rows of a version, and merging joins neighbours. So what the first part of a
-- partition holds has replaced whatever it could, and only rows of later parts that replace others have to be looked for. A
-- row of a later part that replaces others counts by its part's place, so that of several the newest is left; every other row
-- of the version counts as 0. It is right only where all reads of the statement see the same parts, which is asked.

SELECT throwIf(
    (toUInt32(splitByChar('.', version())[1]), toUInt32(splitByChar('.', version())[2])) < (26, 7),
    'This release needs ClickHouse 26.7 or later.');

ALTER TABLE companies_scd {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE companies_scd {{cluster}}
    ADD INDEX IF NOT EXISTS row_versions row_version TYPE minmax GRANULARITY 1,
    ADD PROJECTION IF NOT EXISTS current_rows (
        SELECT tenant_id, company_id, company_name, company_identifier, company_type, status, city, state, zip,
        country, phone_number, website, annual_revenue, number_of_employees, effective_start_date,
        effective_end_date, is_current, last_updated, row_version
        WHERE is_current
        ORDER BY tenant_id, company_id
    );
ALTER TABLE companies_scd {{cluster}} MATERIALIZE INDEX row_versions, MATERIALIZE PROJECTION current_rows;

CREATE OR REPLACE VIEW companies_current {{cluster}} AS
SELECT * FROM companies_scd FINAL PREWHERE is_current OR row_version > 1 WHERE is_current = 1;

CREATE OR REPLACE VIEW companies_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM companies_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM companies_scd PREWHERE is_current
WHERE _partition_id = first.2
    AND xxh3_128(company_id, effective_start_date, if(row_version > 1 AND _part != first.1,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]), 0)) NOT IN (
        SELECT xxh3_128(company_id, effective_start_date, toUInt64(0))
        FROM companies_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each version.
        SELECT xxh3_128(company_id, effective_start_date, place)
        FROM (
            SELECT company_id, effective_start_date, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM companies_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY company_id, effective_start_date, row_version DESC, place DESC
            LIMIT 1, 1000000 BY company_id, effective_start_date
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE contacts_scd {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE contacts_scd {{cluster}}
    ADD INDEX IF NOT EXISTS row_versions row_version TYPE minmax GRANULARITY 1,
    ADD PROJECTION IF NOT EXISTS current_rows (
        SELECT tenant_id, contact_id, company_id, company_name, first_name, last_name, title, department,
        default_email_address, default_phone_number, city, state, zip, country, effective_start_date,
        effective_end_date, is_current, last_updated, row_version
        WHERE is_current
        ORDER BY tenant_id, contact_id
    );
ALTER TABLE contacts_scd {{cluster}} MATERIALIZE INDEX row_versions, MATERIALIZE PROJECTION current_rows;

CREATE OR REPLACE VIEW contacts_current {{cluster}} AS
SELECT * FROM contacts_scd FINAL PREWHERE is_current OR row_version > 1 WHERE is_current = 1;

CREATE OR REPLACE VIEW contacts_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM contacts_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM contacts_scd PREWHERE is_current
WHERE _partition_id = first.2
    AND xxh3_128(contact_id, effective_start_date, if(row_version > 1 AND _part != first.1,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]), 0)) NOT IN (
        SELECT xxh3_128(contact_id, effective_start_date, toUInt64(0))
        FROM contacts_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each version.
        SELECT xxh3_128(contact_id, effective_start_date, place)
        FROM (
            SELECT contact_id, effective_start_date, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM contacts_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY contact_id, effective_start_date, row_version DESC, place DESC
            LIMIT 1, 1000000 BY contact_id, effective_start_date
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE tickets_scd {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE tickets_scd {{cluster}}
    ADD INDEX IF NOT EXISTS row_versions row_version TYPE minmax GRANULARITY 1,
    ADD PROJECTION IF NOT EXISTS current_rows (
        SELECT tenant_id, ticket_id, ticket_number, status, priority, severity, company_id, company_name, contact_id,
        contact_name, owner_id, owner_name, created_date, closed_date, budget_hours, actual_hours,
        effective_start_date, effective_end_date, is_current, last_updated, row_version
        WHERE is_current
        ORDER BY tenant_id, ticket_id
    );
ALTER TABLE tickets_scd {{cluster}} MATERIALIZE INDEX row_versions, MATERIALIZE PROJECTION current_rows;

CREATE OR REPLACE VIEW tickets_current {{cluster}} AS
SELECT * FROM tickets_scd FINAL PREWHERE is_current OR row_version > 1 WHERE is_current = 1;

CREATE OR REPLACE VIEW tickets_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM tickets_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM tickets_scd PREWHERE is_current
WHERE _partition_id = first.2
    AND xxh3_128(ticket_id, effective_start_date, if(row_version > 1 AND _part != first.1,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]), 0)) NOT IN (
        SELECT xxh3_128(ticket_id, effective_start_date, toUInt64(0))
        FROM tickets_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each version.
        SELECT xxh3_128(ticket_id, effective_start_date, place)
        FROM (
            SELECT ticket_id, effective_start_date, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM tickets_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY ticket_id, effective_start_date, row_version DESC, place DESC
            LIMIT 1, 1000000 BY ticket_id, effective_start_date
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');

ALTER TABLE time_entries_scd {{cluster}} MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';
ALTER TABLE time_entries_scd {{cluster}}
    ADD INDEX IF NOT EXISTS row_versions row_version TYPE minmax GRANULARITY 1,
    ADD PROJECTION IF NOT EXISTS current_rows (
        SELECT tenant_id, entry_id, company_id, company_name, member_id, member_name, work_type_id, work_type_name,
        time_start, time_end, actual_hours, billable_option, date_entered, effective_start_date,
        effective_end_date, is_current, last_updated, row_version
        WHERE is_current
        ORDER BY tenant_id, entry_id
    );
ALTER TABLE time_entries_scd {{cluster}} MATERIALIZE INDEX row_versions, MATERIALIZE PROJECTION current_rows;

CREATE OR REPLACE VIEW time_entries_current {{cluster}} AS
SELECT * FROM time_entries_scd FINAL PREWHERE is_current OR row_version > 1 WHERE is_current = 1;

CREATE OR REPLACE VIEW time_entries_current_of_tenant {{cluster}} AS
WITH (
    SELECT argMin((_part, _partition_id), toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]))
    FROM time_entries_scd PREWHERE _part_offset = 0 WHERE tenant_id = {tenant_id:String}
) AS first
SELECT * FROM time_entries_scd PREWHERE is_current
WHERE _partition_id = first.2
    AND xxh3_128(entry_id, effective_start_date, if(row_version > 1 AND _part != first.1,
        toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]), 0)) NOT IN (
        SELECT xxh3_128(entry_id, effective_start_date, toUInt64(0))
        FROM time_entries_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
        UNION ALL
        -- All but the newest of each version.
        SELECT xxh3_128(entry_id, effective_start_date, place)
        FROM (
            SELECT entry_id, effective_start_date, toUInt64(splitByChar('_', substring(_part, length(_partition_id) + 2))[1]) AS place
            FROM time_entries_scd PREWHERE row_version > 1 WHERE _partition_id = first.2 AND _part != first.1
            ORDER BY entry_id, effective_start_date, row_version DESC, place DESC
            LIMIT 1, 1000000 BY entry_id, effective_start_date
        )
    )
    AND NOT throwIf(NOT getSetting('enable_shared_storage_snapshot_in_query') OR getSetting('enable_parallel_replicas') > 0,
        'Current rows need enable_shared_storage_snapshot_in_query = 1 and enable_parallel_replicas = 0.');
