import type { Run } from "@/server/runs/run-store";

export const ORCHESTRATORS = ["local", "stepfunctions"] as const;
export type OrchestratorName = (typeof ORCHESTRATORS)[number];

/** How an execution of the state machine stands, in the words of Step Functions. */
export type ExecutionStatus =
  | "QUEUED"
  | "RUNNING"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMED_OUT"
  | "ABORTED"
  | "PENDING_REDRIVE";

/** The execution of a run. Times are ISO 8601 UTC; input and output are JSON, '' where there is none. */
export interface ExecutionState {
  readonly status: ExecutionStatus;
  readonly startedAt: string | null;
  readonly stoppedAt: string | null;
  readonly input: string;
  readonly output: string;
  readonly errorName: string;
  readonly error: string;
  readonly redrives: number;
  readonly isRedrivable: boolean;
}

/** Something that happened in an execution, oldest first. */
export interface ExecutionEvent {
  /** Rises within an execution. */
  readonly id: number;
  readonly at: string;
  /** Such as TaskStateEntered, LambdaFunctionFailed, ExecutionSucceeded. */
  readonly type: string;
  /** '' where it belongs to none. */
  readonly state: string;
  readonly tableName: string;
  readonly attempt: number | null;
  readonly input: string;
  readonly output: string;
  readonly errorName: string;
  readonly error: string;
}

/**
 * Who carries runs out by the state machine. What a run does stands in its own tables whoever that is; an orchestrator
 * adds what only it knows of the execution.
 */
export interface Orchestrator {
  readonly name: OrchestratorName;
  /** The address of a run's execution; '' where it has none beside the run. */
  addressOf(runId: string): string;
  /** Starts the run's execution. Where it was started already nothing happens. */
  start(run: Run): Promise<void>;
  /** Stops the run's execution; what is at work ends by itself, for the request to cancel stands with the run. */
  stop(run: Run, requestedBy: string): Promise<void>;
  /** Undefined where there is no execution of the run. */
  describe(run: Run): Promise<ExecutionState | undefined>;
  history(run: Run): Promise<readonly ExecutionEvent[]>;
  /**
   * Lets a dead execution go on from the state that failed.
   *
   * @param token the same for repeats of one request
   * @throws AppError `conflict` where that cannot be
   */
  redrive(run: Run, token: string): Promise<void>;
}
