import { setTimeout as wait } from "node:timers/promises";

import { log } from "@/server/log";

import { beginRun, tellBegun } from "./begin-run";
import { writeDeadRun } from "./dead-runs";
import { endRun } from "./end-run";
import type { Execution } from "./execution";
import { runStateMachine } from "./interpreter";
import { Journal } from "./journal";
import { Judgement } from "./judge-run";
import { LeaseLostError, runLease, takeLease } from "./lease";
import { RecentTenant } from "./recent-tenant";
import type { RunContext } from "./run-context";
import { CancelledError, RunControl } from "./run-control";
import { findCancelRequest, findRun } from "./run-store";
import { noteRetry, runTasks } from "./run-tasks";
import { stateMachine } from "./state-machine";
import { TRANSIENT, TaskError, taskErrorOf } from "./task-error";
import { workerId } from "./worker-identity";

/** Seconds before a run is taken up again that lost the database outside of its tasks, which have retries of their own. */
const WAITS_S = [1, 5, 15, 30, 60];

/** A run's end. `busy`: another process carries it out. `left`: this process ends first; the next start goes on. */
export type RunEnd =
  | { readonly status: string }
  | { readonly busy: true }
  | { readonly left: true };

/**
 * Carries a run out to its end by the state machine: the local orchestrator. Safe to call for a run that a dead
 * process left behind: tables that are done are not done again.
 *
 * @param drain aborted when this process is to end
 */
export async function executeRun(
  context: RunContext,
  runId: string,
  drain?: AbortSignal,
): Promise<RunEnd> {
  for (let failures = 0; ; failures++) {
    try {
      return await takeUp(context, runId, drain);
    } catch (thrown) {
      if (thrown instanceof LeaseLostError) return { busy: true };
      const seconds = WAITS_S[failures];
      if (taskErrorOf(thrown).name !== TRANSIENT || seconds === undefined) throw thrown;
      if (drain?.aborted === true) return { left: true };
      log().warn({ error: thrown, run: runId }, "a run waits for the database");
      await wait(seconds * 1000 * context.delayScale);
    }
  }
}

async function takeUp(
  context: RunContext,
  runId: string,
  drain: AbortSignal | undefined,
): Promise<RunEnd> {
  const { db } = context;
  const taken = await takeLease(db, runLease(runId), runId);
  if (!("lease" in taken)) return { busy: true };
  const { lease } = taken;
  let control: RunControl | undefined;
  const journal = new Journal(db, async () => {
    try {
      await lease.assertHeld();
    } catch (error) {
      // Its tasks would be tried again and again, and nobody may take the run up while they are.
      if (error instanceof LeaseLostError) control?.abandon(error);
      throw error;
    }
  });
  try {
    const [stored, cancelledBy] = await Promise.all([
      findRun(db, runId),
      findCancelRequest(db, runId),
    ]);
    if (stored === undefined) throw new TaskError("UnknownRun", `There is no run ${runId}.`);
    if (stored.finished_at !== null) return { status: stored.status };
    // Step Functions carries it out.
    if (stored.orchestrator !== "local") return { busy: true };
    control = new RunControl(db, runId, cancelledBy, drain, context.drainMs);
    const run = await beginRun(db, stored, workerId);
    const begun = stored.started_at === null ? { begun: new Set<string>() } : {};
    const tenants = new RecentTenant(db, run.tenant_id);
    const execution: Execution = { context, journal, run, lease, tenants, ...begun };
    tellBegun(execution, stored);
    return await carryOut(execution, control);
  } finally {
    control?.close();
    try {
      await journal.flush();
    } finally {
      await lease.release();
    }
  }
}

async function carryOut(execution: Execution, control: RunControl): Promise<RunEnd> {
  const { context, run } = execution;
  let data: Record<string, unknown>;
  try {
    data = await runStateMachine(
      stateMachine,
      { run_id: run.run_id, tenant_id: run.tenant_id },
      {
        handlers: runTasks(execution, control),
        signal: control.signal,
        delayScale: context.delayScale,
        onRetry: (_state, input, error, next) => {
          const tableName = input["table_name"];
          log().warn({ run: run.run_id, table: tableName, error }, "a task is tried again");
          noteRetry(execution, typeof tableName === "string" ? tableName : "", error, next);
        },
      },
    );
  } catch (thrown) {
    if (control.cancelledBy !== undefined) {
      return endRun(execution, "cancelled", new CancelledError(control.cancelledBy).message);
    }
    if (control.isDraining) return { left: true };
    await execution.lease.assertHeld();
    const error = taskErrorOf(thrown);
    log().error({ error: thrown, run: run.run_id }, "run failed");
    await writeDeadRun(context.db, run, "", error);
    return endRun(execution, "failed", error.message);
  }
  const { status, error } = Judgement.parse(data["validation"]);
  return endRun(execution, status, error);
}
