import { setTimeout as wait } from "node:timers/promises";

import { fill, place, read } from "./reference-path";
import { TaskError, taskErrorOf } from "./task-error";
import type {
  ChoiceState,
  FlowDefinition,
  MapStateDefinition,
  StateDefinition,
  StateMachineDefinition,
  TaskState,
} from "./state-machine";

type Data = Record<string, unknown>;

/** What a task is told beside its input. */
export interface TaskContext {
  /** Aborted when the task's time is up or the run is cancelled. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly timeoutSeconds: number;
}

/** What does a task. Its input is what the state's Parameters make of the data. */
export type TaskHandler = (input: Data, context: TaskContext) => Promise<unknown>;

/** The functions behind the Resource names of the definition. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

export interface InterpreterOptions {
  readonly handlers: TaskHandlers;
  readonly signal: AbortSignal;
  /** Retry intervals are multiplied by this; 1 in production. */
  readonly delayScale?: number;
  /** Told of every state as it is entered and left, with the data then. */
  readonly onState?: (
    moment: "entered" | "exited",
    name: string,
    state: StateDefinition,
    data: Data,
  ) => void;
  /** Told before a failed task is tried again: attempt (of the next try), most attempts, delay. */
  readonly onRetry?: (
    state: string,
    input: Data,
    error: TaskError,
    next: { attempt: number; of: number; delaySeconds: number },
  ) => void;
}

/**
 * Runs a state machine in this process: Task, Choice, Map, Succeed and Fail, with Retry and Catch, as Step
 * Functions would. Nothing is kept here: what must outlive the process is written by the tasks, which do not
 * repeat what is done.
 *
 * @returns the data after the last state
 * @throws TaskError with the error's name, from a Fail state or a task without a matching Catch
 */
export async function runStateMachine(
  definition: StateMachineDefinition,
  input: Data,
  options: InterpreterOptions,
): Promise<Data> {
  return runFlow(definition, input, options);
}

async function runFlow(
  flow: FlowDefinition,
  input: Data,
  options: InterpreterOptions,
): Promise<Data> {
  let name: string | undefined = flow.StartAt;
  let data = input;
  while (name !== undefined) {
    options.signal.throwIfAborted();
    const state: StateDefinition | undefined = flow.States[name];
    if (state === undefined) throw new TaskError("States.Runtime", `There is no state ${name}.`);
    const current = name;
    options.onState?.("entered", current, state, data);
    switch (state.Type) {
      case "Succeed":
        name = undefined;
        break;
      case "Fail":
        throw new TaskError(state.Error, state.Cause);
      case "Choice":
        name = choose(state, data);
        break;
      case "Map":
        data = place(data, state.ResultPath, await runMap(state, data, options));
        name = state.Next;
        break;
      case "Task": {
        const outcome = await runTask(current, state, data, options);
        data = outcome.data;
        name = outcome.next;
        break;
      }
    }
    options.onState?.("exited", current, state, data);
  }
  return data;
}

async function runTask(
  name: string,
  state: TaskState,
  data: Data,
  options: InterpreterOptions,
): Promise<{ data: Data; next: string | undefined }> {
  const attempts = new Map<object, number>();
  for (let attempt = 1; ; attempt++) {
    try {
      const result = await attemptTask(name, state, data, attempt, options);
      return { data: place(data, state.ResultPath, result), next: state.Next };
    } catch (thrown) {
      if (options.signal.aborted) throw thrown;
      const error = taskErrorOf(thrown);
      const retrier = state.Retry?.find((one) => matches(one.ErrorEquals, error));
      const used = retrier === undefined ? 0 : (attempts.get(retrier) ?? 0);
      if (retrier !== undefined && used < retrier.MaxAttempts) {
        attempts.set(retrier, used + 1);
        const delaySeconds = retrier.IntervalSeconds * retrier.BackoffRate ** used;
        options.onRetry?.(name, data, error, {
          attempt: attempt + 1,
          of: retrier.MaxAttempts + 1,
          delaySeconds,
        });
        await wait(delaySeconds * 1000 * (options.delayScale ?? 1), undefined, {
          signal: options.signal,
        });
        continue;
      }
      const catcher = state.Catch?.find((one) => matches(one.ErrorEquals, error));
      if (catcher === undefined) throw error;
      return {
        data: place(data, catcher.ResultPath, { Error: error.name, Cause: error.message }),
        next: catcher.Next,
      };
    }
  }
}

async function attemptTask(
  name: string,
  state: TaskState,
  data: Data,
  attempt: number,
  options: InterpreterOptions,
): Promise<unknown> {
  const handler = options.handlers[state.Resource];
  if (handler === undefined) {
    throw new TaskError("States.Runtime", `Nothing is behind the resource ${state.Resource}.`);
  }
  const context = { State: { Name: name, RetryCount: attempt - 1 } };
  const input = state.Parameters === undefined ? data : filled(state.Parameters, data, context);
  const deadline = AbortSignal.timeout(state.TimeoutSeconds * 1000);
  const signal = AbortSignal.any([options.signal, deadline]);
  try {
    return await handler(input, { signal, attempt, timeoutSeconds: state.TimeoutSeconds });
  } catch (error) {
    if (deadline.aborted && !options.signal.aborted) {
      throw new TaskError(
        "States.Timeout",
        `The task did not end within ${state.TimeoutSeconds} s.`,
      );
    }
    throw error;
  }
}

async function runMap(
  state: MapStateDefinition,
  data: Data,
  options: InterpreterOptions,
): Promise<unknown[]> {
  const items = read(data, state.ItemsPath);
  if (!Array.isArray(items)) {
    throw new TaskError("States.Runtime", `${state.ItemsPath} is not a list.`);
  }
  const results: unknown[] = Array.from({ length: items.length });
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      const input = filled(state.ItemSelector, data, { Map: { Item: { Value: items[index] } } });
      results[index] = await runFlow(state.ItemProcessor, input, options);
    }
  };
  const lanes = Array.from({ length: Math.min(state.MaxConcurrency, items.length) }, lane);
  // A lane that fails must not leave the others at work behind its back.
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return results;
}

function choose(state: ChoiceState, data: Data): string {
  for (const choice of state.Choices) {
    const value = read(data, choice.Variable);
    const expected = choice.StringEquals ?? choice.BooleanEquals;
    if (expected !== undefined && value === expected) return choice.Next;
  }
  return state.Default;
}

/** @throws TaskError States.ParameterPathFailure where a path leads nowhere */
function filled(template: Data, data: Data, context: Data): Data {
  const result = fill(template, data, context);
  if (result.missing === undefined) return result.filled;
  throw new TaskError("States.ParameterPathFailure", `There is nothing at ${result.missing}.`);
}

function matches(names: readonly string[], error: TaskError): boolean {
  return names.includes(error.name) || names.includes("States.ALL");
}
