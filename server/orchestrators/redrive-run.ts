import { randomUUID } from "node:crypto";

import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { nextVersion } from "@/server/runs/version";
import { findRun, writeRun } from "@/server/runs/run-store";

import { orchestratorOf } from "./open-orchestrator";

/**
 * Lets the dead execution of a run go on from the state that failed. The run's tables go on where the ledger stands; what
 * was asked before, such as to cancel, is done with.
 *
 * @throws AppError `conflict` where the run has not ended, or its execution cannot be redriven
 */
export async function redriveRun(
  db: Db,
  input: { readonly runId: string; readonly requestedBy: string },
): Promise<void> {
  const run = await findRun(db, input.runId);
  if (run === undefined) throw new AppError("not-found", "There is no such run.");
  if (run.finished_at === null) {
    throw new AppError("conflict", "This run has not ended; only a dead one can be redriven.");
  }
  const orchestrator = orchestratorOf(db, run);
  const token = randomUUID();
  if ((await orchestrator.describe(run))?.isRedrivable !== true) {
    // It knows best why not.
    await orchestrator.redrive(run, token);
    throw new AppError("conflict", "This run's execution cannot be redriven.");
  }
  const at = new Date().toISOString();
  // Before the execution goes on: its tasks write only of a run that has not ended.
  await db.insert("run_events", [
    {
      run_id: run.run_id,
      tenant_id: run.tenant_id,
      table_name: "",
      at,
      sequence: nextVersion(),
      level: "warn",
      event: "run_redriven",
      message: `Redriven by ${input.requestedBy}: goes on from the state that failed.`,
      detail: "",
    },
  ]);
  await writeRun(db, {
    ...run,
    status: "running",
    error: "",
    finished_at: null,
    cancel_requested_by: "",
    heartbeat_at: at,
  });
  try {
    await orchestrator.redrive(run, token);
  } catch (error) {
    await writeRun(db, run);
    throw error;
  }
  await resolveDeadLetter(db, run.run_id, input.requestedBy);
}

/** The dead letter of the run itself is answered; where it fails again it is opened again. */
async function resolveDeadLetter(db: Db, runId: string, by: string): Promise<void> {
  await db.command({
    name: "runs.resolve-dead-letter",
    params: { run_id: runId, by },
    sql: `INSERT INTO dead_letters
SELECT * REPLACE ('replayed' AS status, {by:String} AS resolved_by, now64(3) AS resolved_at, 'redriven' AS resolution, version + 1 AS version)
FROM dead_letters FINAL
WHERE kind = 'run' AND run_id = {run_id:String} AND table_name = '' AND dead_letters.status = 'open'`,
  });
}
