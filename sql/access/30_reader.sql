-- What the console's screens read with: avesa_reader_user. All tenants, no writing, and no password hashes.
CREATE ROLE OR REPLACE avesa_reader;

GRANT SELECT ON {{database}}.* TO avesa_reader;
REVOKE SELECT ON {{database}}.users FROM avesa_reader;

CREATE SETTINGS PROFILE OR REPLACE avesa_reader SETTINGS readonly = 2 TO avesa_reader;

CREATE USER OR REPLACE avesa_reader_user IDENTIFIED WITH sha256_hash BY '{{avesa_reader_user_sha256}}';
GRANT avesa_reader TO avesa_reader_user;
