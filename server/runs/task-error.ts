import { ClickHouseError } from "@/server/clickhouse/error";

import { LeaseLostError } from "./lease";

/** A task's failure under the name that Retry and Catch match, as a Lambda would report it. */
export class TaskError extends Error {
  constructor(name: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = name;
  }
}

/** The name under which failures are retried that can pass by themselves. */
export const TRANSIENT = "TransientError";

/** Any failure as a TaskError; connection, time-out, throttling, memory pressure and a lease that was taken over are transient. */
export function taskErrorOf(thrown: unknown): TaskError {
  if (thrown instanceof TaskError) return thrown;
  if (thrown instanceof ClickHouseError) {
    return new TaskError(thrown.transient ? TRANSIENT : thrown.type, thrown.message, {
      cause: thrown,
    });
  }
  if (thrown instanceof LeaseLostError) {
    return new TaskError(TRANSIENT, thrown.message, { cause: thrown });
  }
  if (thrown instanceof Error) return new TaskError(thrown.name, thrown.message, { cause: thrown });
  return new TaskError("Error", String(thrown));
}
