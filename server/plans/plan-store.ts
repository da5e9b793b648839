import { z } from "zod";

import { PlanFigures, PlanReason, PlanStatus } from "@/lib/contracts/plans";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";
import { nextVersion } from "@/server/runs/version";
import { PreparedBatch } from "@/server/scd2/prepared-batch";

/** A column that holds JSON; '' is null. */
function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => (text === "" ? null : JSON.parse(text)))
    .pipe(schema);
}

const PendingObject = z.object({
  key: z.string(),
  etag: z.string(),
  bytes: z.number(),
  lastModified: z.number(),
});

/** What a plan was made from. */
export const PlanBasis = z.object({
  /** Objects of the store that were not in the table. */
  objects: z.array(PendingObject),
  /** The newest publish of the table, or null where there was none. */
  published: z.object({ runId: z.string(), at: z.number(), unsettledBy: z.string() }).nullable(),
});
export type PlanBasis = z.infer<typeof PlanBasis>;

const Previous = z.object({ figures: PlanFigures, changes: z.array(z.string()) });

/** The plan of one table of a run. Times are ISO 8601 UTC. */
export const Plan = z.object({
  run_id: z.string(),
  tenant_id: z.string(),
  table_name: z.string(),
  status: PlanStatus,
  reason: PlanReason,
  tokens: z.array(z.string()),
  extracts: z.array(zCount),
  prepared: json(PreparedBatch),
  basis: json(PlanBasis),
  figures: json(PlanFigures),
  previous: json(Previous.nullable()),
  created_at: z.string(),
  expires_at: z.string(),
  decision: z.enum(["apply", "reject", ""]),
  decided_by: z.string(),
  decided_at: z.string().nullable(),
  decision_reason: z.string(),
});
export type Plan = z.infer<typeof Plan>;

export async function writePlan(db: Db, plan: Plan): Promise<void> {
  await db.insert("plans", [
    {
      ...plan,
      prepared: JSON.stringify(plan.prepared),
      basis: JSON.stringify(plan.basis),
      figures: JSON.stringify(plan.figures),
      previous: plan.previous === null ? "" : JSON.stringify(plan.previous),
      version: nextVersion(),
    },
  ]);
}

/** The plans of a run, by table. */
export async function findPlans(db: Db, runId: string, tableName?: string): Promise<Plan[]> {
  const plans = await findOfRun(db, runId);
  return plans.filter((plan) => tableName === undefined || plan.table_name === tableName);
}

const findOfRun = gathered<string, Plan[]>(async (db, runIds) => {
  const plans = await db.rows(
    {
      name: "plans.of-run",
      params: { run_ids: runIds },
      sql: `SELECT * EXCEPT version FROM plans FINAL
WHERE run_id IN {run_ids:Array(String)}
ORDER BY table_name`,
    },
    Plan,
  );
  return runIds.map((runId) => plans.filter((plan) => plan.run_id === runId));
});

/** Tokens of staging tables that belong to a plan which may still be published: nobody drops them. */
export async function keptTokens(db: Db): Promise<Set<string>> {
  return findKept(db, undefined);
}

const findKept = gathered<undefined, Set<string>>(async (db, askers) => {
  const rows = await db.rows(
    {
      name: "plans.kept-tokens",
      sql: "SELECT arrayJoin(tokens) AS token FROM plans FINAL WHERE status IN ('waiting', 'applying')",
    },
    z.object({ token: z.string() }),
  );
  const kept = new Set(rows.map((row) => row.token));
  return askers.map(() => kept);
});

/** Ends the plans of a run that are still open; their staging is no longer kept. */
export async function closePlans(
  db: Db,
  runId: string,
  end: { readonly by: string; readonly reason: string },
): Promise<void> {
  // Most runs have none.
  if ((await findPlans(db, runId)).length === 0) return;
  await db.command({
    name: "plans.close",
    params: { run_id: runId, by: end.by, reason: end.reason, new_version: nextVersion() },
    sql: `INSERT INTO plans
SELECT * REPLACE (
  'rejected' AS status,
  if(plans.decided_by = '', {by:String}, plans.decided_by) AS decided_by,
  ifNull(plans.decided_at, now64(3)) AS decided_at,
  if(plans.decision_reason = '', {reason:String}, plans.decision_reason) AS decision_reason,
  {new_version:UInt64} AS version)
FROM plans FINAL
-- The bare name would be the new status.
WHERE run_id = {run_id:String} AND plans.status IN ('waiting', 'stale', 'applying')`,
  });
}

/** Extracts of a table that wait in a plan of another run, or were rejected with one, ms UTC, with that run. */
export async function heldExtracts(
  db: Db,
  place: { readonly tenantId: string; readonly tableName: string; readonly runId: string },
): Promise<Map<number, string>> {
  const rows = await db.rows(
    {
      name: "plans.held-extracts",
      params: {
        tenant_id: place.tenantId,
        table_name: place.tableName,
        run_id: place.runId,
      },
      sql: `SELECT arrayJoin(extracts) AS at, max(run_id) AS run_id FROM plans FINAL
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND plans.run_id != {run_id:String}
  AND reason = 'extract' AND status IN ('waiting', 'rejected')
GROUP BY at`,
    },
    z.object({ at: zCount, run_id: z.string() }),
  );
  return new Map(rows.map((row) => [row.at, row.run_id]));
}
