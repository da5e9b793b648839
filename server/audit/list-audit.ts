import "server-only";
import { z } from "zod";
import { AUDIT_OUTCOMES, type AuditOutcome, type AuditPage } from "@/lib/contracts/audit";
import { decodeCursor, encodeCursor } from "@/server/analytics/cursor";
import { clickHouseTime } from "@/server/analytics/run-list";
import type { Db } from "@/server/clickhouse/client";
import { zInstant } from "@/server/clickhouse/columns";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { AppError } from "@/server/errors";

const row = z.object({
  auditId: z.string(),
  at: zInstant,
  actor: z.string(),
  role: z.string(),
  action: z.string(),
  tenantId: z.string(),
  target: z.string(),
  outcome: z.enum(AUDIT_OUTCOMES),
  before: z.string(),
  after: z.string(),
  requestId: z.string(),
});

/** Which lines; what is not asked for has no clause. */
export interface AuditFilter {
  readonly actor?: string | undefined;
  readonly action?: string | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly tenantId?: string | undefined;
  /** ISO in UTC; `from` is included, `to` is not. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Where the page begins, as an earlier page gave it; null starts at the newest line. */
  readonly after: string | null;
  readonly limit: number;
}

/**
 * A page of the audit, newest first. It crosses tenants, as the people who may read it do.
 *
 * @throws AppError `invalid-input` when the cursor is not one of ours
 */
export async function listAudit(filter: AuditFilter, db?: Db): Promise<AuditPage> {
  const clauses: string[] = [];
  const params: Record<string, unknown> = { limit: filter.limit + 1 };
  const add = (clause: string, values: Record<string, unknown>): void => {
    clauses.push(clause);
    Object.assign(params, values);
  };
  if (filter.actor !== undefined) add("actor = {actor:String}", { actor: filter.actor });
  if (filter.action !== undefined) add("action = {action:String}", { action: filter.action });
  if (filter.outcome !== undefined) add("outcome = {outcome:String}", { outcome: filter.outcome });
  if (filter.tenantId !== undefined)
    add("tenant_id = {tenant:String}", { tenant: filter.tenantId });
  if (filter.from !== undefined)
    add("at >= {from:DateTime64(3, 'UTC')}", { from: clickHouseTime(filter.from) });
  if (filter.to !== undefined)
    add("at < {to:DateTime64(3, 'UTC')}", { to: clickHouseTime(filter.to) });
  if (filter.after !== null) {
    const [at = "", id] = decodeCursor(filter.after, 2);
    if (Number.isNaN(Date.parse(at)))
      throw new AppError("invalid-input", "This link points to a page that does not exist.");
    add("(at, audit_id) < ({afterAt:DateTime64(3, 'UTC')}, {afterId:String})", {
      afterAt: clickHouseTime(at),
      afterId: id,
    });
  }
  const read = fleetQuery({
    name: "audit.page",
    sql: `
SELECT
    audit_id AS auditId, at, actor, role, action, tenant_id AS tenantId, target, outcome, before, after,
    request_id AS requestId
FROM audit
${clauses.length === 0 ? "" : `WHERE ${clauses.join(" AND ")}`}
ORDER BY at DESC, audit_id DESC
LIMIT {limit:UInt32}`,
    params: z.object(Object.fromEntries(Object.keys(params).map((name) => [name, z.unknown()]))),
    row,
    maxSeconds: 10,
  });
  const found = await read(params, db);
  const rows = found.slice(0, filter.limit);
  const last = rows.at(-1);
  return {
    rows,
    next:
      found.length > filter.limit && last !== undefined
        ? encodeCursor([last.at, last.auditId])
        : null,
  };
}
