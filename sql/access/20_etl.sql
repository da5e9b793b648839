-- The engine, the runner and the console's commands: avesa_etl_user.
--
-- It works for all tenants, in this database only. It makes and drops tables of its own (staging, leases), publishes by
-- partition, and reads the objects of one bucket. It cannot change, rename or drop a table of the product, make users or
-- databases, read other databases, or write anywhere outside.
CREATE ROLE OR REPLACE avesa_etl;

GRANT SELECT, INSERT, OPTIMIZE ON {{database}}.* TO avesa_etl;

-- Replacing or dropping a tenant's partition counts as deleting its rows.
GRANT ALTER DELETE ON {{database}}.companies_log TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.companies_scd TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.contacts_log TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.contacts_scd TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.tickets_log TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.tickets_scd TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.time_entries_log TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.time_entries_scd TO avesa_etl;

-- Closed dead letters whose time is over are removed, and mends of a replay that was not published taken back.
GRANT ALTER DELETE ON {{database}}.dead_letters TO avesa_etl;
GRANT ALTER DELETE ON {{database}}.mends TO avesa_etl;

-- What is made and dropped: leases, staging, and what CREATE OR REPLACE builds first.
GRANT CREATE TABLE, DROP TABLE ON {{database}}.lease_* TO avesa_etl;
GRANT CREATE TABLE, DROP TABLE ON {{database}}.staging_* TO avesa_etl;
GRANT CREATE TABLE, DROP TABLE ON {{database}}._tmp_replace_* TO avesa_etl;
GRANT TABLE ENGINE ON Null, TABLE ENGINE ON MergeTree, TABLE ENGINE ON ReplacingMergeTree TO avesa_etl;
-- What ClickHouse Cloud makes of the last two.
GRANT TABLE ENGINE ON SharedMergeTree, TABLE ENGINE ON SharedReplacingMergeTree TO avesa_etl;

-- How many parts a partition has, of tables it may read only; and its own statements at work, to end them.
GRANT SELECT ON system.parts TO avesa_etl;
GRANT SELECT ON system.processes TO avesa_etl;

-- The canonical objects, which ClickHouse reads itself, under the address that it is given for them.
GRANT READ ON S3(`{{store_url_pattern}}/.*`) TO avesa_etl;

CREATE USER OR REPLACE avesa_etl_user IDENTIFIED WITH sha256_hash BY '{{avesa_etl_user_sha256}}';
GRANT avesa_etl TO avesa_etl_user;
