import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import type { Run } from "@/server/runs/run-store";
import { type TaskCall, findTaskCalls } from "@/server/runs/task-calls";

import type { ExecutionEvent, ExecutionState, ExecutionStatus, Orchestrator } from "./orchestrator";

/** The last state; an execution that got through it has done all that was asked of it, whatever the run came to. */
const LAST_STATE = "ValidateDataMovement";

/**
 * The processes of this machine: a worker picks queued runs up by itself and hears of cancellation by itself, so that there
 * is nothing to start or to stop. What there is to tell stands in the run's own tables.
 */
export function localOrchestrator(db: Db): Orchestrator {
  return {
    name: "local",
    addressOf: () => "",
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    describe: async (run) => describe(run, await findTaskCalls(db, run.run_id)),
    history: async (run) => history(run, await findTaskCalls(db, run.run_id)),
    redrive: () =>
      Promise.reject(
        new AppError(
          "conflict",
          "This run was carried out on this machine and cannot be redriven. Start a new run: it goes on where this one stopped.",
        ),
      ),
  };
}

/** What an execution of the state machine is given. */
export function executionInput(run: Pick<Run, "run_id" | "tenant_id">): string {
  return JSON.stringify({ run_id: run.run_id, tenant_id: run.tenant_id });
}

function describe(run: Run, calls: readonly TaskCall[]): ExecutionState {
  const last = calls.at(-1);
  const output = last?.state === LAST_STATE && last.status === "succeeded" ? last.output : "";
  const status = statusOf(run, output !== "");
  const isDead = status === "FAILED";
  return {
    status,
    startedAt: run.started_at,
    stoppedAt: run.finished_at,
    input: executionInput(run),
    output,
    errorName: isDead && last?.status === "failed" ? last.errorName : "",
    error: isDead ? run.error : "",
    redrives: 0,
    isRedrivable: false,
  };
}

function statusOf(run: Run, isThrough: boolean): ExecutionStatus {
  if (run.finished_at === null) return run.status === "queued" ? "QUEUED" : "RUNNING";
  if (run.status === "cancelled") return "ABORTED";
  return isThrough ? "SUCCEEDED" : "FAILED";
}

function history(run: Run, calls: readonly TaskCall[]): ExecutionEvent[] {
  const none = { state: "", tableName: "", attempt: null, input: "", output: "" } as const;
  const fine = { errorName: "", error: "" } as const;
  const events: Omit<ExecutionEvent, "id">[] = [];
  if (run.started_at !== null) {
    const input = executionInput(run);
    events.push({ ...none, ...fine, at: run.started_at, type: "ExecutionStarted", input });
  }
  for (const call of calls) {
    const { state, tableName, attempt } = call;
    const of = { state, tableName, attempt };
    events.push({
      ...of,
      ...fine,
      at: call.startedAt,
      type: "TaskStarted",
      input: call.input,
      output: "",
    });
    if (call.finishedAt === null) continue;
    const { output, errorName, error, finishedAt: at } = call;
    const type =
      call.status === "succeeded"
        ? "TaskSucceeded"
        : call.status === "cancelled"
          ? "TaskAborted"
          : "TaskFailed";
    events.push({ ...of, at, type, input: "", output, errorName, error });
  }
  if (run.finished_at !== null) {
    const state = describe(run, calls);
    const { output, errorName, error } = state;
    const ends: Partial<Record<ExecutionStatus, string>> = {
      SUCCEEDED: "ExecutionSucceeded",
      ABORTED: "ExecutionAborted",
    };
    const type = ends[state.status] ?? "ExecutionFailed";
    events.push({ ...none, at: run.finished_at, type, output, errorName, error });
  }
  return events
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((event, index) => ({ id: index + 1, ...event }));
}
