import type { LambdaHandler } from "@/server/lambda/lambda-context";
import { type TaskHandler, runStateMachine } from "@/server/runs/interpreter";
import type { StateMachineDefinition } from "@/server/runs/state-machine";
import { TaskError } from "@/server/runs/task-error";

type Data = Record<string, unknown>;

/** An event of an execution's history, in the members of Step Functions. */
export interface HistoryRow extends Data {
  readonly id: number;
  readonly previousEventId: number;
  /** Seconds since the epoch. */
  readonly timestamp: number;
  readonly type: string;
}

/** What stands behind a Resource, and how long a call of it may take. */
export interface Lambdas {
  readonly handlers: Readonly<Record<string, LambdaHandler<unknown>>>;
  /** Asked before each call; an error here is one of Lambda itself. */
  readonly refuse: (resource: string) => { error: string; cause: string } | undefined;
  readonly remainingMs: () => number;
  /** Every call, until it has ended; also of executions that were stopped. */
  readonly atWork: Set<Promise<unknown>>;
}

const ENTERED: Readonly<Record<string, string>> = {
  Task: "TaskState",
  Choice: "ChoiceState",
  Map: "MapState",
  Succeed: "SucceedState",
  Fail: "FailState",
};

/**
 * One execution of the state machine, as Step Functions carries it out: the definition's tasks are calls of the Lambdas'
 * own handlers with JSON in and out, and stopping the execution does not stop a call.
 */
export class FakeExecution {
  status: "RUNNING" | "SUCCEEDED" | "FAILED" | "ABORTED" = "RUNNING";
  readonly startedAt = Date.now() / 1000;
  stoppedAt: number | undefined;
  output: string | undefined;
  error: string | undefined;
  cause: string | undefined;
  redrives = 0;
  readonly history: HistoryRow[] = [];
  ended: Promise<void> = Promise.resolve();
  #abort = new AbortController();
  /** The outer state that is entered, and the data then: where a redrive goes on. */
  #at: { state: string; data: Data };
  /** The newest event of each table, and of the execution itself under ''. */
  readonly #newest = new Map<string, number>();

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly input: string,
    private readonly definition: StateMachineDefinition,
    private readonly lambdas: Lambdas,
    private readonly delayScale: number,
  ) {
    this.#at = { state: definition.StartAt, data: JSON.parse(input) as Data };
    this.#note("", "ExecutionStarted", { executionStartedEventDetails: { input } });
    this.#run();
  }

  stop(error: string | undefined, cause: string | undefined): void {
    if (this.status !== "RUNNING") return;
    this.error = error;
    this.cause = cause;
    this.#end("ABORTED");
    this.#note("", "ExecutionAborted", { executionAbortedEventDetails: { error, cause } });
    this.#abort.abort(new Error("stopped"));
  }

  redrive(): void {
    this.redrives += 1;
    this.status = "RUNNING";
    this.stoppedAt = undefined;
    this.error = undefined;
    this.cause = undefined;
    this.#abort = new AbortController();
    this.#note("", "ExecutionRedriven", {
      executionRedrivenEventDetails: { redriveCount: this.redrives },
    });
    this.#run();
  }

  #run(): void {
    const { signal } = this.#abort;
    const handlers = Object.fromEntries(
      Object.keys(this.lambdas.handlers).map((resource) => [resource, this.#task(resource)]),
    );
    this.ended = runStateMachine({ ...this.definition, StartAt: this.#at.state }, this.#at.data, {
      handlers,
      signal,
      delayScale: this.delayScale,
      onState: (moment, name, state, data) => {
        const table = tableOf(data);
        if (moment === "entered" && table === "") this.#at = { state: name, data };
        const text = JSON.stringify(data);
        const kind = ENTERED[state.Type] ?? state.Type;
        if (moment === "entered") {
          this.#note(table, `${kind}Entered`, { stateEnteredEventDetails: { name, input: text } });
        } else {
          this.#note(table, `${kind}Exited`, { stateExitedEventDetails: { name, output: text } });
        }
      },
    }).then(
      (data) => {
        this.output = JSON.stringify(data);
        this.#end("SUCCEEDED");
        const { output } = this;
        this.#note("", "ExecutionSucceeded", { executionSucceededEventDetails: { output } });
      },
      (error: Error) => {
        if (signal.aborted) return;
        this.error = error.name;
        this.cause = error.message;
        this.#end("FAILED");
        this.#note("", "ExecutionFailed", {
          executionFailedEventDetails: { error: error.name, cause: error.message },
        });
      },
    );
  }

  #end(status: "SUCCEEDED" | "FAILED" | "ABORTED"): void {
    this.status = status;
    this.stoppedAt = Date.now() / 1000;
  }

  #task(resource: string): TaskHandler {
    return async (data, { signal }) => {
      const table = tableOf(data);
      const input = JSON.stringify(data);
      this.#note(table, "LambdaFunctionScheduled", {
        lambdaFunctionScheduledEventDetails: { resource, input },
      });
      const call = this.#call(resource, input);
      this.lambdas.atWork.add(call);
      void call.finally(() => this.lambdas.atWork.delete(call)).catch(() => undefined);
      try {
        const output = await Promise.race([call, stopped(signal)]);
        this.#note(table, "LambdaFunctionSucceeded", {
          lambdaFunctionSucceededEventDetails: { output },
        });
        return JSON.parse(output) as unknown;
      } catch (thrown) {
        if (signal.aborted) throw thrown;
        const { name: error, message: cause } = thrown as Error;
        this.#note(table, "LambdaFunctionFailed", {
          lambdaFunctionFailedEventDetails: { error, cause },
        });
        throw thrown;
      }
    };
  }

  /** A call of a function, answered in JSON; its failure is told as Lambda tells it. */
  async #call(resource: string, input: string): Promise<string> {
    const refused = this.lambdas.refuse(resource);
    if (refused !== undefined) throw new TaskError(refused.error, refused.cause);
    const handler = this.lambdas.handlers[resource];
    const endsAt = Date.now() + this.lambdas.remainingMs();
    try {
      const output = await handler?.(JSON.parse(input), {
        awsRequestId: crypto.randomUUID(),
        getRemainingTimeInMillis: () => endsAt - Date.now(),
      });
      return JSON.stringify(output ?? null);
    } catch (thrown) {
      const { name, message, stack = "" } = thrown as Error;
      const cause = { errorType: name, errorMessage: message, trace: stack.split("\n") };
      throw new TaskError(name, JSON.stringify(cause));
    }
  }

  #note(table: string, type: string, details: Data): void {
    const id = this.history.length + 1;
    const previousEventId = this.#newest.get(table) ?? this.#newest.get("") ?? 0;
    this.#newest.set(table, id);
    this.history.push({ id, previousEventId, timestamp: Date.now() / 1000, type, ...details });
  }
}

function tableOf(data: Data): string {
  return typeof data["table_name"] === "string" ? data["table_name"] : "";
}

async function stopped(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
