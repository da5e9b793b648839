import type { RunContext } from "@/server/runs/run-context";
import { type Run, findCancelRequest, findRun, findRuns, writeRun } from "@/server/runs/run-store";
import { nextVersion } from "@/server/runs/version";

import { orchestratorOf } from "./open-orchestrator";
import type { ExecutionState, Orchestrator } from "./orchestrator";
import { type Settled, settleExecution } from "./settle-execution";

const OPEN = ["queued", "running", "retrying", "stalled"];

/** Holds every run that Step Functions carries out against what Step Functions says of it. */
export async function syncRuns(context: RunContext, tenantId?: string): Promise<void> {
  const runs = await findRuns(context.db, OPEN, tenantId, "stepfunctions");
  for (const run of runs) await syncRun(context, run);
}

/**
 * Brings a run up to what Step Functions knows of its execution: one that was never started, because whoever asked for it
 * died, is started; one that was stopped, failed or ran out of time does not stay at work; one that an operator has decided
 * on goes on in a further execution.
 */
export async function syncRun(context: RunContext, run: Run): Promise<Settled> {
  const { db } = context;
  const orchestrator = orchestratorOf(db, run);
  const state = await orchestrator.describe(run);
  // The execution's own tasks may have written the end meanwhile.
  const now = await findRun(db, run.run_id);
  if (now === undefined || now.finished_at !== null) return "ended";
  const cancelledBy = await findCancelRequest(db, run.run_id);

  if (state === undefined) return syncUnknown(context, orchestrator, now, cancelledBy);
  if (state.status === "RUNNING" || state.status === "PENDING_REDRIVE") {
    // The word to stop may not have got through when it was given.
    if (cancelledBy !== undefined) await orchestrator.stop(now, cancelledBy);
    await beat(context, now);
    return "open";
  }
  if (now.status === "queued" && run.status === "queued") {
    return syncQueuedAgain(context, orchestrator, now, state, cancelledBy);
  }
  return settleExecution(context, run.run_id, state);
}

async function syncUnknown(
  context: RunContext,
  orchestrator: Orchestrator,
  run: Run,
  cancelledBy: string | undefined,
): Promise<Settled> {
  if (cancelledBy === undefined && run.status === "queued") {
    await orchestrator.start(run);
    return "open";
  }
  await writeRun(context.db, { ...run, status: "running" });
  return settleExecution(context, run.run_id, {
    status: "FAILED",
    errorName: "ExecutionDoesNotExist",
    error: "Step Functions knows no execution of this run any more.",
    stoppedAt: null,
  });
}

/** An execution has ended and the run is queued: it failed before its first task, or an operator has decided on the plan. */
async function syncQueuedAgain(
  context: RunContext,
  orchestrator: Orchestrator,
  run: Run,
  state: ExecutionState,
  cancelledBy: string | undefined,
): Promise<Settled> {
  if (state.status === "SUCCEEDED" && cancelledBy === undefined) {
    const next = nextExecution(run);
    // Before it is started, so that its tasks find it; one that was not started in the end is started by the next sync.
    await pointAt(context, run, next);
    await orchestrator.start(next);
    return "open";
  }
  await writeRun(context.db, { ...run, status: "running" });
  return settleExecution(context, run.run_id, state);
}

/** The name of a further execution of a run is the same whoever starts it: the run's id and a number. */
function nextExecution(run: Run): Run {
  const [, number = "1"] = /-(\d+)$/.exec(run.execution_arn) ?? [];
  const address = run.execution_arn.replace(/-\d+$/, "");
  return { ...run, execution_arn: `${address}-${Number(number) + 1}` };
}

/** Several may do so at once; what the next execution's tasks have written since stays above that. */
async function pointAt({ db }: RunContext, run: Run, next: Run): Promise<void> {
  await db.command({
    name: "runs.next-execution",
    params: { run_id: run.run_id, before: run.execution_arn, next: next.execution_arn },
    sql: `INSERT INTO runs
SELECT * REPLACE ({next:String} AS execution_arn, version + 1 AS version)
FROM runs FINAL
WHERE run_id = {run_id:String} AND runs.status = 'queued' AND runs.execution_arn = {before:String}`,
  });
}

/** A sign of life for the run, as a worker of our own gives it; see the screen's word for silent runs. */
async function beat({ db }: RunContext, run: Run): Promise<void> {
  if (run.worker === "") return;
  await db.insert("leases", [
    {
      lease: "worker",
      token: run.worker,
      holder: run.worker,
      run_id: run.run_id,
      heartbeat_at: new Date().toISOString(),
      released: 0,
      version: nextVersion(),
    },
  ]);
}
