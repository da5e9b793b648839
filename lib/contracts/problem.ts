/** One thing that is wrong with one part of the input; `path` is dotted, '' for the input as a whole. */
export interface InputFault {
  readonly path: string;
  readonly message: string;
}

/** Everything that can go wrong in front of a person or a script. */
export const PROBLEM_CODES = [
  "not-signed-in",
  "not-allowed",
  "wrong-origin",
  "not-found",
  "conflict",
  "unsupported-body",
  "invalid-input",
  "throttled",
  "internal",
  "store-unavailable",
  "busy",
  "timeout",
] as const;
export type ProblemCode = (typeof PROBLEM_CODES)[number];

/** RFC 9457 problem details, with a stable code and the id under which the log tells the rest. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** A sentence for the person who asked. */
  readonly detail: string;
  readonly code: ProblemCode;
  readonly referenceId: string;
  readonly faults?: readonly InputFault[];
  /** Whole seconds after which it makes sense to try again. */
  readonly retryAfterSeconds?: number;
}

/** What a server action answers: it never throws, so that the button can say what went wrong. */
export type ActionResult<Value> =
  | { readonly ok: true; readonly value: Value; readonly referenceId: string }
  | { readonly ok: false; readonly problem: Problem };
