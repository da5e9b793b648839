import type { Db } from "@/server/clickhouse/client";

/**
 * Puts a run that waits for an operator back into the queue: whoever picks it up goes through its tables again and does
 * with their plans what was decided. A run in any other state stays as it is.
 */
export async function queueAgain(db: Db, runId: string): Promise<void> {
  await db.command({
    name: "runs.queue-again",
    params: { run_id: runId },
    // What the process that carries it out has written since stays above that.
    sql: `INSERT INTO runs
SELECT * REPLACE ('queued' AS status, version + 1 AS version)
FROM runs FINAL WHERE run_id = {run_id:String} AND runs.status = 'waiting_approval'`,
  });
}
