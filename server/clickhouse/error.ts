import { ClickHouseError as DriverError } from "@clickhouse/client";

/**
 * Server codes of failures that pass: asked again later, the same statement can succeed.
 * 159 TIMEOUT_EXCEEDED, 160 TOO_SLOW, 202 TOO_MANY_SIMULTANEOUS_QUERIES, 203 NO_FREE_CONNECTION,
 * 209 SOCKET_TIMEOUT, 210 NETWORK_ERROR, 236 ABORTED, 241 MEMORY_LIMIT_EXCEEDED, 242 TABLE_IS_READ_ONLY, 252 TOO_MANY_PARTS,
 * 279 ALL_CONNECTION_TRIES_FAILED, 319 UNKNOWN_STATUS_OF_INSERT, 425 SYSTEM_ERROR, 439 CANNOT_SCHEDULE_TASK, 999 KEEPER_EXCEPTION.
 */
const TRANSIENT_CODES = new Set([
  159, 160, 202, 203, 209, 210, 236, 241, 242, 252, 279, 319, 425, 439, 999,
]);

const TRANSIENT_NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_SOCKET",
]);

const DETAIL_LIMIT = 2_000;

/**
 * A statement failed. `message` is fit for a person on a screen: it holds the statement's name and the kind of failure,
 * no SQL and no data. What the server said word by word is `detail`, for logs only.
 */
export class ClickHouseError extends Error {
  /** What the server said; can quote SQL and data, so it does not show up in JSON or in `console.log(error)`. */
  declare readonly detail: string;

  constructor(
    /** The statement's name. */
    readonly statement: string,
    /** ClickHouse's error code; 0 where the server never answered. */
    readonly code: number,
    /** ClickHouse's name of the code, or CONNECTION_FAILED, TIMED_OUT, CANCELLED, INCOMPLETE_ANSWER, HTTP_ERROR, UNEXPECTED_ROW. */
    readonly type: string,
    /** Whether the same statement can succeed later. */
    readonly transient: boolean,
    detail: string,
    options?: { cause?: unknown },
  ) {
    super(`${explain(type, code)} (statement "${statement}")`);
    this.name = "ClickHouseError";
    Object.defineProperty(this, "detail", {
      value: detail.slice(0, DETAIL_LIMIT),
      enumerable: false,
    });
    if (options?.cause !== undefined) {
      Object.defineProperty(this, "cause", { value: options.cause, enumerable: false });
    }
  }
}

function explain(type: string, code: number): string {
  switch (type) {
    case "CONNECTION_FAILED":
      return "ClickHouse cannot be reached";
    case "TIMED_OUT":
      return "ClickHouse did not finish in time";
    case "CANCELLED":
      return "The statement was cancelled";
    case "INCOMPLETE_ANSWER":
      return "ClickHouse broke off in the middle of its answer";
    case "HTTP_ERROR":
      return "Something between here and ClickHouse refused the request";
    case "UNEXPECTED_ROW":
      return "ClickHouse answered with rows of another shape than expected";
    case "MEMORY_LIMIT_EXCEEDED":
      return "ClickHouse ran out of its memory limit";
    case "NOT_ENOUGH_SPACE":
      return "The disk of ClickHouse is full; nothing was written. Free some space, then start the run again";
    case "TOO_MANY_PARTS":
      return "ClickHouse is behind with merging parts";
    case "AUTHENTICATION_FAILED":
    case "REQUIRED_PASSWORD":
      return "ClickHouse refused the user or password";
    default:
      return `ClickHouse reported ${type} (code ${code})`;
  }
}

/** 516 AUTHENTICATION_FAILED, 194 REQUIRED_PASSWORD, 193 WRONG_PASSWORD, 192 UNKNOWN_USER. */
const REFUSED_ACCOUNT = new Set(["192", "193", "194", "516"]);

/** Whether the server refused the user or the password; nothing of the statement was done then. */
export function isRefusedAccount(error: unknown): boolean {
  return error instanceof DriverError && REFUSED_ACCOUNT.has(error.code);
}

/**
 * A full disk as the server reports it: refused beforehand (243), or met while writing, under the code of whatever wrote.
 */
const FULL_DISK = "NOT_ENOUGH_SPACE";
const FULL_DISK_CODE = 243;
const FULL_DISK_WORDS = /No space left on device|errno: 28\b|\bENOSPC\b/;

/** Turns whatever the driver threw into a {@link ClickHouseError}. */
export function toClickHouseError(statement: string, error: unknown): ClickHouseError {
  if (error instanceof ClickHouseError) return error;
  if (error instanceof DriverError) {
    const code = Number(error.code);
    if (code === FULL_DISK_CODE || FULL_DISK_WORDS.test(error.message)) {
      return new ClickHouseError(statement, FULL_DISK_CODE, FULL_DISK, false, error.message, {
        cause: error,
      });
    }
    const type = error.type ?? "UNKNOWN_EXCEPTION";
    return new ClickHouseError(statement, code, type, TRANSIENT_CODES.has(code), error.message, {
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  const network = networkCode(error);
  if (network !== undefined || /socket hang up|Timeout error|aborted/i.test(message)) {
    return new ClickHouseError(statement, 0, "CONNECTION_FAILED", true, network ?? message, {
      cause: error,
    });
  }
  // Anything else the driver throws is an answer it could not read, such as a proxy's error page.
  return new ClickHouseError(statement, 0, "HTTP_ERROR", true, message, { cause: error });
}

function networkCode(error: unknown): string | undefined {
  for (let current = error; current instanceof Error; current = current.cause) {
    const { code } = current as NodeJS.ErrnoException;
    if (code !== undefined && TRANSIENT_NETWORK.has(code)) return code;
  }
  return undefined;
}
