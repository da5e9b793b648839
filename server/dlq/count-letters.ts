import "server-only";
import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { zDigits } from "@/server/clickhouse/columns";
import { GROUP_FIGURES, uncounted } from "./letter-counts";

const Mark = z.object({
  tenant_id: z.string(),
  table_name: z.string(),
  rows: zDigits,
  versions: zDigits,
});

/**
 * Counts the dead letters of every table where what was counted before no longer holds. Reads are right without it, and
 * cheap with it. What arrives while it counts makes its count one that does not hold.
 *
 * @param db an account that may write, of the server that the tables are on
 * @returns how many tables were counted
 */
export async function countLetters(db: Db): Promise<number> {
  // The marks first, in a statement of their own: counts must never be older than the marks they are kept under.
  const stale = await db.rows({ name: "dlq.uncounted", sql: uncounted() }, Mark);
  if (stale.length === 0) return 0;
  await db.command({
    name: "dlq.count",
    params: {
      tenants: stale.map((mark) => mark.tenant_id),
      tables: stale.map((mark) => mark.table_name),
      rows: stale.map((mark) => mark.rows),
      versions: stale.map((mark) => mark.versions),
    },
    sql: `INSERT INTO dead_letter_counts (tenant_id, table_name, rows, versions, open, groups, counted_at, version)
SELECT mark.1, mark.2, toUInt64(mark.3), toUInt64(mark.4), counted.open, counted.groups, now64(3), toUInt64(toUnixTimestamp64Micro(now64(6)))
FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {tables:Array(String)}, {rows:Array(String)}, {versions:Array(String)})) AS mark) AS marks
INNER JOIN
(
  SELECT tenant_id, table_name, sumIf(found, status = 'open') AS open,
    groupArray((kind, status, fingerprint, found, first_seen, last_seen, newest_id, by_hour.1, by_hour.2)) AS groups
  FROM
  (
    SELECT tenant_id, table_name, kind, status, fingerprint, ${GROUP_FIGURES}
    FROM dead_letters FINAL
    WHERE (tenant_id, table_name) IN (SELECT pair.1, pair.2 FROM (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {tables:Array(String)})) AS pair))
    GROUP BY tenant_id, table_name, kind, status, fingerprint
  )
  GROUP BY tenant_id, table_name
) AS counted ON counted.tenant_id = mark.1 AND counted.table_name = mark.2`,
  });
  return stale.length;
}
