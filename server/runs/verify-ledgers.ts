import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

const Unbalanced = z.object({
  run_id: z.string(),
  table_name: z.string(),
  /** Rows read less rows accounted for. */
  difference: zCount,
});

/** Holds the row ledger of every run of a tenant: read = new + changed + deleted + unchanged + duplicate + rejected. */
export async function unbalancedRuns(
  db: Db,
  tenantId: string,
): Promise<{ runs: number; unbalanced: z.infer<typeof Unbalanced>[] }> {
  const params = { tenant_id: tenantId };
  const { runs } = await db.row(
    {
      name: "runs.count-published",
      params,
      sql: "SELECT uniqExact(run_id) AS runs FROM batches WHERE tenant_id = {tenant_id:String}",
    },
    z.object({ runs: zCount }),
  );
  const unbalanced = await db.rows(
    {
      name: "runs.unbalanced",
      params,
      sql: `SELECT run_id, table_name,
  toInt64(sum(read)) - toInt64(sum(new) + sum(changed) + sum(deleted) + sum(unchanged) + sum(duplicate) + sum(rejected)) AS difference
FROM (SELECT * FROM batches FINAL WHERE tenant_id = {tenant_id:String})
GROUP BY run_id, table_name
HAVING difference != 0
ORDER BY run_id, table_name`,
    },
    Unbalanced,
  );
  return { runs, unbalanced };
}
