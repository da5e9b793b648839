import { createHash } from "node:crypto";

/** Bound values may be long (ten thousand ids in one array); these limits cannot be set by the statement itself. */
const LONG_VALUES =
  "<http_max_field_value_size>67108864</http_max_field_value_size><http_max_uri_size>16777216</http_max_uri_size>";

/** @param {string | number} value */
function escapeXml(value) {
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** @param {string} text */
function sha256(text) {
  return createHash("sha256").update(text).digest("hex");
}

/**
 * The engine's own settings.
 *
 * @param {{ usersFile: string, logFile: string, maxMemoryBytes: number, backgroundThreads: number }} options
 * @returns {string} XML
 */
export function serverConfig({ usersFile, logFile, maxMemoryBytes, backgroundThreads }) {
  const cache = Math.min(256 * 1024 * 1024, Math.floor(maxMemoryBytes / 8));
  return `<clickhouse>
  <users_config>${escapeXml(usersFile)}</users_config>
  <timezone>UTC</timezone>
  <max_server_memory_usage>${maxMemoryBytes}</max_server_memory_usage>
  <mark_cache_size>${cache}</mark_cache_size>
  <background_pool_size>${backgroundThreads}</background_pool_size>
  <background_merges_mutations_concurrency_ratio>2</background_merges_mutations_concurrency_ratio>
  <max_table_size_to_drop>0</max_table_size_to_drop>
  <max_partition_size_to_drop>0</max_partition_size_to_drop>
  <keep_alive_timeout>30</keep_alive_timeout>
  <logger>
    <log>${escapeXml(logFile)}</log>
    <errorlog>/dev/null</errorlog>
    <size>5M</size>
    <count>2</count>
  </logger>
</clickhouse>
`;
}

/**
 * Who may sign in. The server's own first session is \`default\` from loopback and cannot have a password, so
 * \`default\` may do nothing but what that session does: start listening and read a table of numbers.
 *
 * @param {{ username: string, password: string, reader: { username: string, password: string } }} accounts
 * @returns {string} XML
 */
export function usersConfig({ username, password, reader }) {
  return `<clickhouse>
  <profiles>
    <default>
      ${LONG_VALUES}
    </default>
    <reader>
      <readonly>2</readonly>
      ${LONG_VALUES}
    </reader>
  </profiles>
  <quotas><default></default></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SYSTEM LISTEN ON *.*</query>
        <query>GRANT SELECT ON system.numbers</query>
      </grants>
    </default>
    <${username}>
      <password_sha256_hex>${sha256(password)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <access_management>1</access_management>
      <named_collection_control>1</named_collection_control>
    </${username}>
    <${reader.username}>
      <password_sha256_hex>${sha256(reader.password)}</password_sha256_hex>
      <networks><ip>127.0.0.1</ip></networks>
      <profile>reader</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT SELECT ON *.*</query>
      </grants>
    </${reader.username}>
  </users>
</clickhouse>
`;
}
