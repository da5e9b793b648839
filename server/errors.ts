import { randomUUID } from "node:crypto";
import type { InputFault, Problem, ProblemCode } from "@/lib/contracts/problem";

/** The HTTP status and the title of each kind. The code is the stable part of an answer; titles may be reworded. */
export const ERROR_CODES = {
  "not-signed-in": { status: 401, title: "You are not signed in" },
  "not-allowed": { status: 403, title: "You are not allowed to do this" },
  "wrong-origin": { status: 403, title: "The request came from another site" },
  "not-found": { status: 404, title: "There is no such thing" },
  conflict: { status: 409, title: "This cannot be done now" },
  "unsupported-body": { status: 415, title: "The body must be JSON" },
  "invalid-input": { status: 422, title: "The input is not valid" },
  throttled: { status: 429, title: "Too many attempts" },
  internal: { status: 500, title: "Something went wrong on our side" },
  "store-unavailable": { status: 503, title: "ClickHouse cannot be reached" },
  busy: { status: 503, title: "Too much is asked at once" },
  timeout: { status: 504, title: "The answer took too long" },
} as const satisfies Record<ProblemCode, { status: number; title: string }>;
export type ErrorCode = ProblemCode;

interface AppErrorOptions {
  readonly faults?: readonly InputFault[];
  /** Whole seconds after which it makes sense to try again. */
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * An error whose words are meant for the person who asked. `detail` must never hold SQL, a stack, a path of
 * this machine or a secret; whatever led to it goes into `cause`, which is logged and not shown.
 */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly InputFault[];
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, detail: string, options: AppErrorOptions = {}) {
    super(detail, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.faults = options.faults ?? [];
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** What stands in for the words of an error that we did not write ourselves. */
const REPLACEMENT: Partial<Record<ErrorCode, string>> = {
  internal: "It has been logged. Give the reference when you report it.",
  "store-unavailable": "The console is trying to reach ClickHouse again. Reload in a moment.",
  busy: "More is asked of ClickHouse than it can answer in time. Try again in a moment.",
  timeout: "ClickHouse did not answer in time. Narrow the question or try again.",
};

/** A new id for a request, a log line and the problem shown to its caller. */
export function newReferenceId(): string {
  return randomUUID();
}

/** The names under which the connection to ClickHouse reports that nobody answered, or not in time. */
const CODE_BY_STORE_FAILURE: Readonly<Record<string, ErrorCode>> = {
  CONNECTION_FAILED: "store-unavailable",
  HTTP_ERROR: "store-unavailable",
  TIMED_OUT: "timeout",
  TIMEOUT_EXCEEDED: "timeout",
  TOO_SLOW: "timeout",
};

/** Names the kind of any thrown value. Errors that are not ours are told apart by name and type, never by text. */
export function codeOf(error: unknown): ErrorCode {
  if (error instanceof AppError) return error.code;
  if (!(error instanceof Error)) return "internal";
  if (error.name === "EmbeddedServerError") return "store-unavailable";
  // Not instanceof: Next gives each kind of entry its own copy of a module, so one class can exist twice.
  if (error.name === "ClickHouseError" && "type" in error) {
    return CODE_BY_STORE_FAILURE[String(error.type)] ?? "internal";
  }
  return "internal";
}

/**
 * The problem to show for any thrown value. Faults of 5xx have their text replaced, so that SQL, a stack or a
 * file name can never come out this way.
 */
export function toProblem(error: unknown, referenceId: string): Problem {
  const code = codeOf(error);
  const { status, title } = ERROR_CODES[code];
  const own = error instanceof AppError ? error : undefined;
  return {
    type: `urn:avesa:problem:${code}`,
    title,
    status,
    detail: status >= 500 || own === undefined ? (REPLACEMENT[code] ?? title) : own.message,
    code,
    referenceId,
    ...(own !== undefined && own.faults.length > 0 ? { faults: own.faults } : {}),
    ...(own?.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: own.retryAfterSeconds }),
  };
}
