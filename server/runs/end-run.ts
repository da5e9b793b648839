import { entityOf } from "@/lib/catalog";
import { closePlans, findPlans } from "@/server/plans/plan-store";
import { withdrawMends } from "@/server/scd2/replay-letters";

import { type Execution, tell } from "./execution";
import {
  countBatches,
  findCancelRequest,
  findTables,
  queuedTable,
  writeRun,
  writeTable,
} from "./run-store";
import { dropStagingTables, findStagingTables } from "./staging-cleanup";
import { closeLostTasks } from "./task-record";

/** A table of the run in one of these states is left as it is. */
const ENDED = new Set(["succeeded", "partial", "failed", "unbalanced", "cancelled"]);

/**
 * Ends a run: its staging tables are dropped, tables that have not ended share the run's end, and what there is to say is
 * written.
 *
 * @param error the reason where it is not green; '' otherwise
 */
export async function endRun(
  execution: Execution,
  status: string,
  error: string,
): Promise<{ status: string }> {
  const { context, journal, run, lease } = execution;
  const { db } = context;
  const [plans, staging] = await Promise.all([
    findPlans(db, run.run_id),
    findStagingTables(db, run.run_id),
    lease.assertHeld(),
  ]);
  if (status === "waiting_approval") return pause(execution, staging);
  if (plans.length > 0) await closePlans(db, run.run_id, { by: "", reason: error });
  await dropStagingTables(db, staging);
  const now = new Date().toISOString();
  if (status === "cancelled" || status === "failed") {
    await journal.flush();
    const counts = await countBatches(db, run.run_id);
    for (const [name, table] of await findTables(db, run.run_id)) {
      if (ENDED.has(table.status)) continue;
      writeTable(journal, {
        ...queuedTable(run, name),
        ...counts.get(name),
        status,
        attempt: table.attempt,
        started_at: table.started_at,
        finished_at: now,
        error,
      });
    }
    await closeLostTasks(execution);
  }
  if (run.mode === "replay") await withdrawUnpublished(execution);
  const message = error === "" ? `The run ${status}.` : error;
  tell(execution, status === "succeeded" ? "info" : "error", "run_finished", message);
  const [cancelledBy] = await Promise.all([findCancelRequest(db, run.run_id), journal.flush()]);
  await writeRun(db, {
    ...run,
    status,
    error,
    cancel_requested_by: cancelledBy ?? "",
    finished_at: now,
    heartbeat_at: now,
  });
  return { status };
}

/** What a replay could not publish is not to be laid over its rows by a later load. */
async function withdrawUnpublished({ context, journal, run }: Execution): Promise<void> {
  await journal.flush();
  const tables = await findTables(context.db, run.run_id);
  // A process that is killed may not have noted a table that it was at.
  for (const name of new Set([...run.tables, ...tables.keys()])) {
    const entity = entityOf(name, context.entities);
    const status = tables.get(name)?.status ?? "";
    if (entity === undefined || ["succeeded", "partial"].includes(status)) continue;
    await withdrawMends({
      db: context.db,
      tenantId: run.tenant_id,
      runId: run.run_id,
      entity,
    });
  }
}

/** Leaves the run to an operator: its plans and their staging stay; whoever decides puts it back into the queue. */
async function pause(
  { context, journal, run }: Execution,
  staging: readonly string[],
): Promise<{ status: string }> {
  await dropStagingTables(context.db, staging);
  await journal.flush();
  await writeRun(context.db, {
    ...run,
    status: "waiting_approval",
    worker: "",
    heartbeat_at: new Date().toISOString(),
  });
  return { status: "waiting_approval" };
}
