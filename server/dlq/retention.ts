import "server-only";
import { z } from "zod";
import { RETENTION_DAYS } from "@/lib/contracts/dlq-commands";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { nextVersion } from "@/server/runs/version";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";

/** Days that a tenant's closed dead letters are kept. */
export async function readRetention(db: Db, scope: TenantScope): Promise<number> {
  assertTenantScope(scope);
  const row = await db.maybeRow(
    {
      name: "dlq.retention",
      params: { tenant_id: scope.tenantId },
      sql: "SELECT days FROM dead_letter_retention FINAL WHERE tenant_id = {tenant_id:String}",
    },
    z.object({ days: z.number() }),
  );
  return row?.days ?? RETENTION_DAYS.default;
}

/** Sets how many days a tenant's closed dead letters are kept; open ones stay until they are closed. */
export async function setRetention(
  db: Db,
  scope: TenantScope,
  days: number,
  setBy: string,
): Promise<{ before: number; days: number }> {
  const before = await readRetention(db, scope);
  await db.insert("dead_letter_retention", [
    {
      tenant_id: scope.tenantId,
      days,
      set_by: setBy,
      set_at: new Date().toISOString(),
      version: nextVersion(),
    },
  ]);
  return { before, days };
}

/** The dead letters whose time is over, as a SELECT of their keys. Mends are kept: without them a reload would lose them. */
const EXPIRED = `SELECT letter.tenant_id, letter.table_name, letter.dead_letter_id
FROM (SELECT tenant_id, table_name, dead_letter_id, resolved_at FROM dead_letters FINAL WHERE status != 'open') AS letter
LEFT JOIN (SELECT tenant_id, days FROM dead_letter_retention FINAL) AS kept ON kept.tenant_id = letter.tenant_id
WHERE letter.resolved_at < now64(3) - toIntervalDay(if(kept.days = 0, ${RETENTION_DAYS.default}, kept.days))`;

/**
 * Removes closed dead letters of all tenants whose time is over.
 *
 * @returns how many there were
 */
export async function sweepDeadLetters(db: Db): Promise<number> {
  const { expired } = await db.row(
    { name: "dlq.sweep.count", sql: `SELECT count() AS expired FROM (${EXPIRED})` },
    z.object({ expired: zCount }),
  );
  if (expired === 0) return 0;
  await db.command({
    name: "dlq.sweep",
    settings: { mutations_sync: "2", allow_nondeterministic_mutations: 1 },
    sql: `ALTER TABLE dead_letters DELETE WHERE (tenant_id, table_name, dead_letter_id) IN (${EXPIRED})`,
  });
  return expired;
}
