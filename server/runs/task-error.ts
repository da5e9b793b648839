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

/** Faults of a connection that never came about or broke off. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** What the services of AWS, and our own readers of them, say of a failure. */
interface Told {
  readonly transient?: unknown;
  readonly code?: unknown;
  readonly $retryable?: unknown;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** Whether a failure of anything but ClickHouse passes by itself: connection, time-out, throttling, 5xx. */
function passes(error: Error): boolean {
  const told = error as Error & Told;
  if (typeof told.transient === "boolean") return told.transient;
  const status = told.$metadata?.httpStatusCode ?? 0;
  if (told.$retryable !== undefined || status === 429 || status >= 500) return true;
  if (/^(?:Throttling|TooManyRequests|SlowDown|RequestTimeout|TimeoutError$)/.test(error.name))
    return true;
  return typeof told.code === "string" && NETWORK.has(told.code);
}

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
  if (thrown instanceof Error) {
    return new TaskError(passes(thrown) ? TRANSIENT : thrown.name, thrown.message, {
      cause: thrown,
    });
  }
  return new TaskError("Error", String(thrown));
}
