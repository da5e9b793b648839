import { z } from "zod";

/**
 * How an attempted write ended. done: it happened. denied: the person may not. refused: the input or the state of things
 * forbade it. failed: it was our fault or ClickHouse's.
 */
export const AUDIT_OUTCOMES = ["done", "denied", "refused", "failed"] as const;
export const AuditOutcome = z.enum(AUDIT_OUTCOMES);
export type AuditOutcome = z.infer<typeof AuditOutcome>;

/** What the audit can record, in the order a filter offers it. */
export const AUDIT_ACTIONS = [
  "run:start",
  "run:cancel",
  "run:apply",
  "run:reject",
  "run:redrive",
  "dlq:replay",
  "dlq:discard",
  "dlq:retention",
  "tenant:register",
  "tenant:settings",
  "tenant:pause",
  "tenant:resume",
  "user:add",
  "user:role",
  "user:disable",
  "user:enable",
  "user:password",
  "sign-in",
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One line of the audit. `before` and `after` are JSON as text, '' where there is none; long ones are cut. */
export interface AuditLine {
  readonly auditId: string;
  /** ISO 8601 in UTC. */
  readonly at: string;
  readonly actor: string;
  readonly role: string;
  readonly action: string;
  readonly tenantId: string;
  readonly target: string;
  readonly outcome: AuditOutcome;
  readonly before: string;
  readonly after: string;
  readonly requestId: string;
}

export interface AuditPage {
  readonly rows: readonly AuditLine[];
  /** Where the next page begins; null at the end. */
  readonly next: string | null;
}
