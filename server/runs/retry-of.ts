import type { FlowDefinition, StateDefinition, TaskState } from "./state-machine";
import type { TaskError } from "./task-error";

/** A task by its state's name, wherever in the definition it stands. */
export function findTask(flow: FlowDefinition, name: string): TaskState | undefined {
  const state: StateDefinition | undefined = flow.States[name];
  if (state?.Type === "Task") return state;
  for (const inner of Object.values(flow.States)) {
    const found = inner.Type === "Map" ? findTask(inner.ItemProcessor, name) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * What Step Functions does after a task's attempt has failed, which the task itself must say, for nobody else can.
 *
 * @param retries attempts made after the first, as `$$.State.RetryCount` counts
 * @returns the next attempt, from 1, how many there are at most, and the wait before it; undefined where there is none
 */
export function nextAttempt(
  task: TaskState,
  error: Pick<TaskError, "name">,
  retries: number,
): { attempt: number; of: number; delaySeconds: number } | undefined {
  const retrier = task.Retry?.find((one) => one.ErrorEquals.includes(error.name));
  if (retrier === undefined || retries >= retrier.MaxAttempts) return undefined;
  return {
    attempt: retries + 2,
    of: retrier.MaxAttempts + 1,
    delaySeconds: retrier.IntervalSeconds * retrier.BackoffRate ** retries,
  };
}
