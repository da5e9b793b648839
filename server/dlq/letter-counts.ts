import "server-only";

/** Which rows each tenant's tables have in `dead_letters`, read from the projection that says so. */
function marks(condition: string): string {
  return `SELECT tenant_id, table_name, count() AS rows, sum(version) AS versions
    FROM dead_letters ${condition} GROUP BY tenant_id, table_name`;
}

/**
 * The tables whose dead letters have changed since they were counted, with their marks, as a SELECT.
 *
 * @param condition '' or a WHERE clause on tenant_id and table_name, of ours
 */
export function uncounted(condition = ""): string {
  return `SELECT tenant_id, table_name, rows, versions FROM (${marks(condition)})
  WHERE (tenant_id, table_name, rows, versions) NOT IN (SELECT tenant_id, table_name, rows, versions FROM dead_letter_counts FINAL ${condition})`;
}

/** Of one group of a table's dead letters, from `dead_letters FINAL` grouped by kind, status and fingerprint. */
export const GROUP_FIGURES = `count() AS found, min(dead_letters.first_seen) AS first_seen, max(dead_letters.last_seen) AS last_seen,
    argMax(dead_letter_id, (dead_letters.last_seen, dead_letter_id)) AS newest_id,
    sumMapIf([toUInt32(intDiv(toUnixTimestamp(dead_letters.first_seen), 3600))], [toUInt64(1)],
      dead_letters.first_seen >= now64(3) - toIntervalHour(25)) AS by_hour`;

/**
 * Dead letters counted by tenant, table, kind, status and fingerprint, as a SELECT: what was counted before where it still
 * holds, counted now where it does not.
 *
 * @param condition '' or a WHERE clause on tenant_id and table_name, of ours
 */
export function countedGroups(condition = ""): string {
  return `SELECT tenant_id, table_name, toString(g.kind) AS kind, toString(g.status) AS status, g.fingerprint AS fingerprint, g.found AS found,
    g.first_seen AS first_seen, g.last_seen AS last_seen, g.newest_id AS newest_id, g.hours AS hours, g.found_by_hour AS found_by_hour
  FROM
  (
    SELECT tenant_id, table_name, groups FROM dead_letter_counts FINAL
    WHERE (tenant_id, table_name, rows, versions) IN (${marks(condition)})
  )
  ARRAY JOIN groups AS g
  UNION ALL
  SELECT tenant_id, table_name, toString(kind) AS kind, toString(status) AS status, fingerprint, found,
    first_seen, last_seen, newest_id, by_hour.1 AS hours, by_hour.2 AS found_by_hour
  FROM
  (
    SELECT tenant_id, table_name, kind, status, fingerprint, ${GROUP_FIGURES}
    FROM dead_letters FINAL
    WHERE (tenant_id, table_name) IN (SELECT tenant_id, table_name FROM (${uncounted(condition)}))
    GROUP BY tenant_id, table_name, kind, status, fingerprint
  )`;
}

/** How many dead letters are open, as a SELECT of one number by tenant and table. */
export function countedOpen(condition = ""): string {
  return `SELECT tenant_id, table_name, open FROM dead_letter_counts FINAL
  WHERE (tenant_id, table_name, rows, versions) IN (${marks(condition)})
  UNION ALL
  SELECT tenant_id, table_name, countIf(status = 'open') AS open FROM dead_letters FINAL
  WHERE (tenant_id, table_name) IN (SELECT tenant_id, table_name FROM (${uncounted(condition)}))
  GROUP BY tenant_id, table_name`;
}
