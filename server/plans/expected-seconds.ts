import { z } from "zod";

import type { TableWork } from "@/server/scd2/table-work";

/**
 * Seconds that publishing took in past runs of this table and mode: the median over the newest 50 batches of publish,
 * ledger and verify together. Null where there were none.
 */
export async function expectedSeconds(
  work: TableWork,
  mode: "bulk" | "incremental",
): Promise<number | null> {
  const row = await work.db.row(
    {
      name: "plans.expected-seconds",
      signal: work.signal,
      params: { tenant_id: work.tenantId, table_name: work.entity.name, mode },
      sql: `SELECT quantileExactOrNull(0.5)(seconds) AS seconds
FROM (
  SELECT run_id, batch, sum(dateDiff('millisecond', started_at, finished_at)) / 1000 AS seconds
  FROM run_steps FINAL
  WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND status = 'succeeded'
    AND step IN ('publish', 'ledger', 'verify') AND isNotNull(finished_at)
    AND run_id IN (SELECT run_id FROM runs FINAL WHERE tenant_id = {tenant_id:String} AND mode = {mode:String})
  GROUP BY run_id, batch
  HAVING count() >= 3
  ORDER BY run_id DESC, batch DESC
  LIMIT 50
)`,
    },
    z.object({ seconds: z.number().nullable() }),
  );
  return row.seconds;
}
