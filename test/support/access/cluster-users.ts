/**
 * A users file such as an operator writes for a server of their own: `console` may do everything, `watcher` only read, and
 * each portal user sees one tenant, by row filters on the history tables. `default` is the engine's own first session.
 *
 * @param portals tenant by user name
 */
export function clusterUsers(options: {
  readonly passwordHash: string;
  readonly database: string;
  readonly tables: readonly string[];
  readonly portals?: Readonly<Record<string, string>>;
}): string {
  const { passwordHash, database, tables, portals = {} } = options;
  const user = (name: string, profile: string, rest: string): string =>
    `<${name}><password_sha256_hex>${passwordHash}</password_sha256_hex>
<networks><ip>127.0.0.1</ip></networks><profile>${profile}</profile><quota>default</quota>${rest}</${name}>`;
  const portal = ([name, tenantId]: [string, string]): string => {
    const granted = tables.flatMap((table) => [
      `${table}_scd`,
      `${table}_current`,
      `${table}_current_of_tenant`,
      `${table}_history_of_tenant`,
    ]);
    const grants = granted.map((one) => `<query>GRANT SELECT ON ${database}.${one}</query>`);
    const filters = tables.map(
      (table) => `<${table}_scd><filter>tenant_id = '${tenantId}'</filter></${table}_scd>`,
    );
    return user(
      name,
      "reading",
      `<grants>${grants.join("")}</grants><databases><${database}>${filters.join("")}</${database}></databases>`,
    );
  };
  return `<clickhouse>
<profiles><default/><reading><readonly>2</readonly></reading></profiles>
<quotas><default/></quotas>
<users>
<default><password></password><grants><query>GRANT SYSTEM LISTEN ON *.*</query>
<query>GRANT SELECT ON system.numbers</query></grants></default>
${user("admin", "default", "<access_management>1</access_management>")}
${user("console", "default", "<grants><query>GRANT ALL ON *.*</query></grants>")}
${user("watcher", "reading", "<grants><query>GRANT SELECT ON *.*</query></grants>")}
${Object.entries(portals).map(portal).join("\n")}
</users>
</clickhouse>`;
}
