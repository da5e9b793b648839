import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

import type { Measurement } from "./metric-lines";

const Row = z.object({
  tenant_id: z.string(),
  table_name: z.string(),
  read: zCount,
  seconds: z.number(),
  failed: z.number(),
});

/**
 * What the tables of a run come to, for the step that judges it: records, seconds from begin to end (waits for retries among
 * them), and an error for each that failed without a dead letter of its own, such as one whose invariants do not hold.
 */
export async function runFigures(db: Db, runId: string): Promise<Measurement[]> {
  const rows = await db.rows(
    {
      name: "metrics.run",
      params: { run_id: runId },
      sql: `SELECT tenant_id, table_name, read,
  if(started_at IS NULL, 0, greatest(0, dateDiff('millisecond', started_at, ifNull(finished_at, now64(3))) / 1000)) AS seconds,
  status IN ('failed', 'unbalanced') AND table_name NOT IN (
    SELECT table_name FROM dead_letters FINAL WHERE kind = 'run' AND run_id = {run_id:String}
  ) AS failed
FROM run_tables FINAL WHERE run_id = {run_id:String} ORDER BY table_name`,
    },
    Row,
  );
  return rows.map(({ tenant_id, table_name, read, seconds, failed }) => ({
    tenantId: tenant_id,
    tableName: table_name,
    figures: { RecordsProcessed: read, ProcessingDuration: seconds, ProcessingErrors: failed },
  }));
}
