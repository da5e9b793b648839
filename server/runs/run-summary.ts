import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

/** A run in one line, as `avesa load` prints it: the row ledger of all its tables, and their sizes after it. */
export const RunSummary = z.object({
  run_id: z.string(),
  status: z.string(),
  read: zCount,
  new: zCount,
  changed: zCount,
  unchanged: zCount,
  duplicate: zCount,
  rejected: zCount,
  deleted: zCount,
  /** Versions and current versions in the run's tables after it. */
  versions: zCount,
  current: zCount,
  seconds: z.number(),
});
export type RunSummary = z.infer<typeof RunSummary>;

export async function summarizeRun(db: Db, runId: string): Promise<RunSummary> {
  return db.row(
    {
      name: "runs.summary",
      params: { run_id: runId },
      sql: `SELECT run.run_id AS run_id, run.status AS status,
  tables.read AS read, tables.new AS new, tables.changed AS changed, tables.unchanged AS unchanged,
  tables.duplicate AS duplicate, tables.rejected AS rejected, tables.deleted AS deleted,
  tables.versions AS versions, tables.current AS current,
  round(dateDiff('millisecond', run.started_at, ifNull(run.finished_at, now64(3))) / 1000, 3) AS seconds
FROM (SELECT * FROM runs FINAL WHERE run_id = {run_id:String}) AS run
CROSS JOIN (
  SELECT sum(t.read) AS read, sum(t.new) AS new, sum(t.changed) AS changed, sum(t.unchanged) AS unchanged,
    sum(t.duplicate) AS duplicate, sum(t.rejected) AS rejected, sum(t.deleted) AS deleted,
    sum(t.versions) AS versions, sum(t.current) AS current
  FROM run_tables AS t FINAL WHERE t.run_id = {run_id:String}
) AS tables`,
    },
    RunSummary,
  );
}
