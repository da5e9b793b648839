-- The application that shows customers their own data: avesa_app_user.
--
-- It reads the history tables and nothing else, one tenant at a time: the tenant is the setting SQL_tenant_id of each
-- statement. A statement without it fails. Readonly 2 lets a statement bring settings, and no write of any kind.
CREATE ROLE OR REPLACE avesa_app;

GRANT SELECT ON {{database}}.companies_scd TO avesa_app;
GRANT SELECT ON {{database}}.companies_current TO avesa_app;
GRANT SELECT ON {{database}}.companies_current_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.companies_history_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.contacts_scd TO avesa_app;
GRANT SELECT ON {{database}}.contacts_current TO avesa_app;
GRANT SELECT ON {{database}}.contacts_current_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.contacts_history_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.tickets_scd TO avesa_app;
GRANT SELECT ON {{database}}.tickets_current TO avesa_app;
GRANT SELECT ON {{database}}.tickets_current_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.tickets_history_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.time_entries_scd TO avesa_app;
GRANT SELECT ON {{database}}.time_entries_current TO avesa_app;
GRANT SELECT ON {{database}}.time_entries_current_of_tenant TO avesa_app;
GRANT SELECT ON {{database}}.time_entries_history_of_tenant TO avesa_app;

-- Views read with the rights of whoever asks, so these hold for the views too.
CREATE ROW POLICY OR REPLACE avesa_app_tenant ON {{database}}.companies_scd
  FOR SELECT USING tenant_id = getSetting('SQL_tenant_id') TO avesa_app;
CREATE ROW POLICY OR REPLACE avesa_app_tenant ON {{database}}.contacts_scd
  FOR SELECT USING tenant_id = getSetting('SQL_tenant_id') TO avesa_app;
CREATE ROW POLICY OR REPLACE avesa_app_tenant ON {{database}}.tickets_scd
  FOR SELECT USING tenant_id = getSetting('SQL_tenant_id') TO avesa_app;
CREATE ROW POLICY OR REPLACE avesa_app_tenant ON {{database}}.time_entries_scd
  FOR SELECT USING tenant_id = getSetting('SQL_tenant_id') TO avesa_app;

-- Where a table has policies, a server can be set to show no rows to accounts that none of them names.
CREATE ROW POLICY OR REPLACE avesa_etl_all ON {{database}}.companies_scd FOR SELECT USING 1 TO avesa_etl;
CREATE ROW POLICY OR REPLACE avesa_etl_all ON {{database}}.contacts_scd FOR SELECT USING 1 TO avesa_etl;
CREATE ROW POLICY OR REPLACE avesa_etl_all ON {{database}}.tickets_scd FOR SELECT USING 1 TO avesa_etl;
CREATE ROW POLICY OR REPLACE avesa_etl_all ON {{database}}.time_entries_scd FOR SELECT USING 1 TO avesa_etl;
CREATE ROW POLICY OR REPLACE avesa_reader_all ON {{database}}.companies_scd FOR SELECT USING 1 TO avesa_reader;
CREATE ROW POLICY OR REPLACE avesa_reader_all ON {{database}}.contacts_scd FOR SELECT USING 1 TO avesa_reader;
CREATE ROW POLICY OR REPLACE avesa_reader_all ON {{database}}.tickets_scd FOR SELECT USING 1 TO avesa_reader;
CREATE ROW POLICY OR REPLACE avesa_reader_all ON {{database}}.time_entries_scd FOR SELECT USING 1 TO avesa_reader;

-- A limit of 0 would be none, hence the least values.
CREATE SETTINGS PROFILE OR REPLACE avesa_app SETTINGS
  readonly = 2,
  max_execution_time = 15 MIN 1 MAX 60,
  max_result_rows = 100000 MIN 1 MAX 1000000,
  max_memory_usage = 4000000000 MIN 1 MAX 8000000000 TO avesa_app;

CREATE QUOTA OR REPLACE avesa_app KEYED BY user_name
  FOR INTERVAL 1 minute MAX queries = 6000, errors = 1000, read_bytes = 500000000000 TO avesa_app;

CREATE USER OR REPLACE avesa_app_user IDENTIFIED WITH sha256_hash BY '{{avesa_app_user_sha256}}';
GRANT avesa_app TO avesa_app_user;
