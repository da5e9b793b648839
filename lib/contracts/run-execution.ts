import { z } from "zod";

import { contract } from "./contract";
import { Instant, RunId } from "./values";

export const EXECUTION_STATUSES = [
  "QUEUED",
  "RUNNING",
  "SUCCEEDED",
  "FAILED",
  "TIMED_OUT",
  "ABORTED",
  "PENDING_REDRIVE",
] as const;

/** One call of a task of the state machine. Input and output are JSON, '' where there is none; they hold no row data. */
export const ExecutionCall = z.object({
  tableName: z.string(),
  state: z.string(),
  attempt: z.number(),
  status: z.enum(["running", "succeeded", "failed", "cancelled"]),
  startedAt: Instant,
  finishedAt: Instant.nullable(),
  input: z.string(),
  output: z.string(),
  errorName: z.string(),
  error: z.string(),
});
export type ExecutionCall = z.infer<typeof ExecutionCall>;

/** Something that happened in an execution. */
export const ExecutionEventReply = ExecutionCall.pick({
  tableName: true,
  state: true,
  input: true,
  output: true,
  errorName: true,
  error: true,
}).extend({
  /** Rises within an execution. */
  id: z.number(),
  at: Instant,
  /** In the words of Step Functions: TaskStateEntered, LambdaFunctionFailed, ExecutionSucceeded. */
  type: z.string(),
  attempt: z.number().nullable(),
});

export const RunExecutionReply = z.object({
  runId: RunId,
  orchestrator: z.enum(["local", "stepfunctions"]),
  /** Step Functions' own address of the run; '' for a local one. */
  executionArn: z.string(),
  /** Null where the orchestrator knows no execution of the run (any more). */
  execution: z
    .object({
      status: z.enum(EXECUTION_STATUSES),
      startedAt: Instant.nullable(),
      stoppedAt: Instant.nullable(),
      input: z.string(),
      output: z.string(),
      errorName: z.string(),
      error: z.string(),
      redrives: z.number(),
      isRedrivable: z.boolean(),
    })
    .nullable(),
  /** Oldest first, both. */
  calls: z.array(ExecutionCall),
  events: z.array(ExecutionEventReply),
});
export type RunExecutionReply = z.infer<typeof RunExecutionReply>;

/** How the orchestrator carries a run out: state, attempts, events, input and output. */
export const runExecutionContract = contract({
  method: "GET",
  path: "/api/v1/runs/[run]/execution",
  summary: "The execution of a run by its orchestrator",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: RunExecutionReply,
});

/** Lets the dead execution of a run go on from the state that failed. */
export const redriveRunContract = contract({
  method: "POST",
  path: "/api/v1/runs/[run]/redrive",
  summary: "Redrive the dead execution of a run",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: z.object({ runId: RunId }),
});
