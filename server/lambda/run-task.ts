import { log } from "@/server/log";
import { executionLease } from "@/server/orchestrators/execution-lease";
import { beginRun, tellBegun } from "@/server/runs/begin-run";
import type { Execution } from "@/server/runs/execution";
import { Journal } from "@/server/runs/journal";
import type { RunContext } from "@/server/runs/run-context";
import { RunControl } from "@/server/runs/run-control";
import { type Run, findCancelRequest, findRun } from "@/server/runs/run-store";
import { findTask, nextAttempt } from "@/server/runs/retry-of";
import { noteRetry, runTasks } from "@/server/runs/run-tasks";
import { stateMachine } from "@/server/runs/state-machine";
import { TaskError, taskErrorOf } from "@/server/runs/task-error";

import type { LambdaContext } from "./lambda-context";
import { openRunContext } from "./open-run-context";
import { type TaskEvent, readTaskEvent } from "./task-event";

/** The last part of a call's time is for writing down how far it came. */
const LEAVE_MS = 5_000;

/** What a task may do beside its work, when that is done. */
export interface TaskCallbacks<Output> {
  /** Before the work: the run as it stands, to begin it. */
  readonly before?: (execution: Execution, stored: Run) => Promise<void>;
  readonly after?: (execution: Execution, output: Output, control: RunControl) => Promise<Output>;
  /** What to answer where the run has ended already. Default: the task fails. */
  readonly whenEnded?: (run: Run) => Output;
}

/**
 * Does one task of the state machine in a Lambda: the same function as the local orchestrator calls, writing the same run
 * tables. The call's own time limit is the task's.
 *
 * @param resource as the definition names it, such as `${BulkLoaderFunctionArn}`
 * @throws TaskError under the name that Retry and Catch of the definition match
 */
export async function runTask<Output>(
  resource: string,
  event: unknown,
  lambda: LambdaContext,
  callbacks: TaskCallbacks<Output> = {},
): Promise<Output> {
  try {
    const input = readTaskEvent(event);
    const context = await openRunContext();
    const stored = await findRun(context.db, input.run_id);
    if (stored === undefined) {
      throw new TaskError("UnknownRun", `There is no run ${input.run_id}.`);
    }
    if (stored.finished_at !== null) {
      if (callbacks.whenEnded !== undefined) return callbacks.whenEnded(stored);
      throw new TaskError("RunEnded", `The run has ended already: ${stored.status}.`);
    }
    return await work(context, stored, resource, input, lambda, callbacks);
  } catch (thrown) {
    throw told(thrown);
  }
}

/** A failure as Lambda is to tell it: under its name, without the stack, which would end in the execution's history. */
export function told(thrown: unknown): TaskError {
  log().error({ err: thrown }, "a task failed");
  const error = taskErrorOf(thrown);
  error.stack = `${error.name}: ${error.message}`;
  return error;
}

async function work<Output>(
  context: RunContext,
  stored: Run,
  resource: string,
  input: TaskEvent,
  lambda: LambdaContext,
  callbacks: TaskCallbacks<Output>,
): Promise<Output> {
  const { db } = context;
  const lease = executionLease(db, stored.run_id);
  const journal = new Journal(db, lease.assertHeld);
  const cancelledBy = await findCancelRequest(db, stored.run_id);
  const control = new RunControl(db, stored.run_id, cancelledBy, undefined, context.drainMs);
  const run =
    stored.status === "queued" ? await beginRun(db, stored, stored.execution_arn) : stored;
  const execution: Execution = { context, journal, run, lease };
  const timeMs = Math.max(lambda.getRemainingTimeInMillis() - LEAVE_MS, 1);
  const limit = AbortSignal.timeout(timeMs);
  try {
    if (stored.status === "queued") tellBegun(execution, stored);
    await callbacks.before?.(execution, stored);
    const handler = runTasks(execution, control)[resource];
    if (handler === undefined) throw new Error(`Nothing is behind the resource ${resource}.`);
    const output = (await handler(input, {
      signal: AbortSignal.any([control.signal, limit]),
      attempt: input.retry_count + 1,
      timeoutSeconds: timeMs / 1000,
    })) as Output;
    return (await callbacks.after?.(execution, output, control)) ?? output;
  } catch (thrown) {
    throw noted(execution, control, input, limit, thrown);
  } finally {
    control.close();
    await journal.flush();
  }
}

/** The failure under its name, and said in the run's events where Step Functions will try again. */
function noted(
  execution: Execution,
  control: RunControl,
  input: TaskEvent,
  limit: AbortSignal,
  thrown: unknown,
): TaskError {
  if (control.cancelledBy !== undefined) {
    return new TaskError("CancelledError", `Cancelled by ${control.cancelledBy}.`);
  }
  const error = limit.aborted
    ? new TaskError("TransientError", "The task did not end in time.", { cause: thrown })
    : taskErrorOf(thrown);
  const task = findTask(stateMachine, input.state);
  const next = task === undefined ? undefined : nextAttempt(task, error, input.retry_count);
  if (next !== undefined) noteRetry(execution, input.table_name ?? "", error, next);
  return error;
}
