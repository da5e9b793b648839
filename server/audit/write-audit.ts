import "server-only";
import { ulid } from "ulid";
import type { Db } from "@/server/clickhouse/client";
import type { AuditOutcome } from "@/lib/contracts/audit";

/** One line of the record of who did what. */
export interface AuditEntry {
  /** Who: a user name, `cli:NAME` for a command, '' when nobody was signed in. */
  readonly actor: string;
  /** Their role at that moment, '' when nobody was signed in. */
  readonly role: string;
  /** What: `run:start`, `user:add`, `sign-in`, … */
  readonly action: string;
  readonly outcome: AuditOutcome;
  readonly tenantId?: string | undefined;
  /** To what: a run id, a user name. */
  readonly target?: string | undefined;
  /** What it was and what it became, as JSON values without secrets. */
  readonly before?: unknown;
  readonly after?: unknown;
  /** The reference that the log and the answer carry too. */
  readonly requestId: string;
}

const LIMIT = 10_000;

function toJson(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value).slice(0, LIMIT);
}

/**
 * Adds a line to the audit. Lines are only ever added.
 *
 * @returns the line's id; ids rise with time
 */
export async function writeAudit(db: Db, entry: AuditEntry): Promise<string> {
  const auditId = ulid();
  await db.insert("audit", [
    {
      audit_id: auditId,
      at: new Date().toISOString(),
      actor: entry.actor,
      role: entry.role,
      action: entry.action,
      tenant_id: entry.tenantId ?? "",
      target: (entry.target ?? "").slice(0, 200),
      outcome: entry.outcome,
      before: toJson(entry.before),
      after: toJson(entry.after),
      request_id: entry.requestId,
    },
  ]);
  return auditId;
}
