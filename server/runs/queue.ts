import { z } from "zod";

import { Priority } from "@/lib/contracts/tenant-settings";
import { PRIORITY_WEIGHT } from "@/lib/schedule";
import type { Db } from "@/server/clickhouse/client";

/** A run that waits for a worker, or is at work. */
export const QueuedRun = z.object({
  run_id: z.string(),
  tenant_id: z.string(),
  /** None means all. */
  tables: z.array(z.string()),
  priority: Priority,
});
export type QueuedRun = z.infer<typeof QueuedRun>;

/** Statement text of the queue of the workers of our own; other orchestrators have their own. */
export const QUEUE_SQL = `SELECT run.run_id AS run_id, run.tenant_id AS tenant_id, run.tables AS tables,
  if(tenant.priority = '', 'normal', tenant.priority) AS priority
FROM (SELECT run_id, tenant_id, tables, created_at FROM runs FINAL WHERE status = 'queued' AND runs.orchestrator = 'local') AS run
LEFT JOIN (SELECT tenant_id, toString(priority) AS priority FROM tenants FINAL) AS tenant ON tenant.tenant_id = run.tenant_id
ORDER BY run.created_at, run_id`;

/** Runs that wait for a worker, oldest first. */
export async function findQueue(db: Db): Promise<QueuedRun[]> {
  return db.rows({ name: "runs.queue", sql: QUEUE_SQL }, QueuedRun);
}

/**
 * The order in which runs are taken up: tenants take turns, by priority, and a tenant's own runs come one after another,
 * oldest first. Pure.
 *
 * @param queue oldest first
 * @param atWork tenant ids of the runs at work, one entry a run
 */
export function inOrder<Q extends QueuedRun>(queue: readonly Q[], atWork: readonly string[]): Q[] {
  const ahead = new Map<string, number>();
  for (const tenantId of atWork) ahead.set(tenantId, (ahead.get(tenantId) ?? 0) + 1);
  const ranked = queue.map((run, age) => {
    const before = ahead.get(run.tenant_id) ?? 0;
    ahead.set(run.tenant_id, before + 1);
    return { run, age, turn: before / PRIORITY_WEIGHT[run.priority] };
  });
  return ranked.toSorted((a, b) => a.turn - b.turn || a.age - b.age).map(({ run }) => run);
}

/** Whether two runs of one tenant would wait for each other's tables. */
export function isInTheWay(
  run: Pick<QueuedRun, "tenant_id" | "tables">,
  other: Pick<QueuedRun, "tenant_id" | "tables">,
): boolean {
  if (run.tenant_id !== other.tenant_id) return false;
  if (run.tables.length === 0 || other.tables.length === 0) return true;
  return run.tables.some((table) => other.tables.includes(table));
}
