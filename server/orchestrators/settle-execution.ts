import { z } from "zod";

import { writeDeadRun } from "@/server/runs/dead-runs";
import { endRun } from "@/server/runs/end-run";
import type { Execution } from "@/server/runs/execution";
import { Journal } from "@/server/runs/journal";
import { judgeRun } from "@/server/runs/judge-run";
import { LeaseLostError, findHolder, tableLease } from "@/server/runs/lease";
import type { RunContext } from "@/server/runs/run-context";
import { CancelledError } from "@/server/runs/run-control";
import { type Run, findCancelRequest, findRun, requestCancel } from "@/server/runs/run-store";
import { TaskError } from "@/server/runs/task-error";

import { executionLease } from "./execution-lease";
import type { ExecutionState } from "./orchestrator";
import { sendDeadRun } from "./send-dead-run";

/** How an execution ended that no task of it has written down. */
export type DeadExecution = Pick<ExecutionState, "status" | "errorName" | "error" | "stoppedAt"> & {
  /** Where it is not certainly the run's own: a run that goes on in a further execution is not ended by an earlier one. */
  readonly executionArn?: string;
};

/** What became of it: the run is at its end; one of its tasks is still at work; or it is not for us to say. */
export type Settled = "ended" | "busy" | "open";

/**
 * Ends a run whose execution has ended without its tasks saying so: stopped, failed, or out of time. A failed one leaves a
 * dead letter, and a message where there is a queue for them.
 *
 * @throws ClickHouseError; asked again, it goes on where it was
 */
export async function settleExecution(
  context: RunContext,
  runId: string,
  dead: DeadExecution,
): Promise<Settled> {
  const { db } = context;
  const run = await findRun(db, runId);
  if (run === undefined || run.finished_at !== null) return "ended";
  if (dead.executionArn !== undefined && dead.executionArn !== run.execution_arn) return "open";
  if (run.status === "waiting_approval") return "open";
  // An operator has decided on its plan; it goes on in a further execution.
  if (run.status === "queued" && dead.status === "SUCCEEDED") return "open";
  if (await isBeingRedriven(context, run, dead)) return "open";
  // A Lambda goes on after its execution was stopped; it ends by itself, and leaves nothing half done only then.
  if (await isAtWork(context, run)) return "busy";

  const lease = executionLease(db, runId);
  const journal = new Journal(db, lease.assertHeld);
  const execution: Execution = { context, journal, run, lease };
  try {
    await end(execution, dead);
  } catch (error) {
    // Somebody else was quicker.
    if (!(error instanceof LeaseLostError)) throw error;
  }
  return "ended";
}

async function end(execution: Execution, dead: DeadExecution): Promise<void> {
  const { context, run } = execution;
  const cancelledBy = await findCancelRequest(context.db, run.run_id);
  if (cancelledBy !== undefined) {
    await endRun(execution, "cancelled", new CancelledError(cancelledBy).message);
    return;
  }
  switch (dead.status) {
    case "ABORTED":
      // For tasks that go on after their execution was stopped.
      await requestCancel(context.db, run, "Step Functions");
      await endRun(
        execution,
        "cancelled",
        `The execution was stopped in Step Functions. ${dead.error}`.trim(),
      );
      return;
    case "SUCCEEDED": {
      const { status, error } = await judgeRun(execution);
      await endRun(execution, status, error);
      return;
    }
    default: {
      const late = dead.status === "TIMED_OUT" ? "The execution ran out of time." : "";
      const error = new TaskError(
        dead.errorName || "States.Runtime",
        dead.error || late || "The execution failed without a reason.",
      );
      await writeDeadRun(context.db, run, "", error);
      await endRun(execution, "failed", error.message);
      await sendDeadRun(run, "", error);
    }
  }
}

async function isAtWork({ db, entities }: RunContext, run: Run): Promise<boolean> {
  const tables = run.tables.length > 0 ? run.tables : Object.keys(entities);
  for (const table of tables) {
    const holder = await findHolder(db, tableLease(run.tenant_id, table));
    if (holder?.run_id === run.run_id) return true;
  }
  return false;
}

/** Right after a redrive was asked for, Step Functions can still tell of the end before it. */
async function isBeingRedriven(
  { db }: RunContext,
  run: Run,
  dead: DeadExecution,
): Promise<boolean> {
  const asked = await db.maybeRow(
    {
      name: "runs.redriven-just-now",
      params: { run_id: run.run_id },
      sql: `SELECT at FROM run_events
WHERE run_id = {run_id:String} AND event = 'run_redriven' AND at > now64(3) - INTERVAL 5 MINUTE
ORDER BY at DESC LIMIT 1`,
    },
    z.object({ at: z.string() }),
  );
  return asked !== undefined && asked.at > (dead.stoppedAt ?? "");
}
