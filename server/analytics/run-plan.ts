import { z } from "zod";
import { PlanFigures, PlanReason, PlanStatus, type RunPlanReply } from "@/lib/contracts/plans";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { planSentence } from "@/server/plans/plan-sentence";
import type { TenantScope } from "@/server/tenant-scope";
import { zInstant, zMaybeInstant } from "./row-types";

function json<T extends z.ZodType>(schema: T) {
  return z
    .string()
    .transform((text): unknown => (text === "" ? null : JSON.parse(text)))
    .pipe(schema);
}

const plans = tenantQuery({
  name: "run.plan",
  sql: `
SELECT
    plan.table_name AS tableName, plan.status AS status, plan.reason AS reason,
    plan.figures AS figures, plan.previous AS previous,
    plan.created_at AS createdAt, plan.expires_at AS expiresAt,
    plan.decision AS decision, plan.decided_by AS decidedBy, plan.decided_at AS decidedAt,
    plan.decision_reason AS decisionReason,
    if(state.published_at > plan.created_at, state.run_id, '') AS overtakenBy
FROM (
    SELECT table_name, toString(status) AS status, toString(reason) AS reason, figures, previous, created_at, expires_at,
        toString(decision) AS decision, decided_by, decided_at, decision_reason
    FROM plans FINAL
    WHERE tenant_id = {tenantId:String} AND run_id = {runId:String}
) AS plan
LEFT JOIN (
    SELECT table_name, published_at, run_id FROM table_states FINAL WHERE tenant_id = {tenantId:String}
) AS state ON state.table_name = plan.table_name
ORDER BY plan.table_name`,
  params: z.object({ runId: z.string() }),
  row: z.object({
    tableName: z.string(),
    status: PlanStatus,
    reason: PlanReason,
    figures: json(PlanFigures),
    previous: json(z.object({ figures: PlanFigures, changes: z.array(z.string()) }).nullable()),
    createdAt: zInstant,
    expiresAt: zInstant,
    decision: z.enum(["apply", "reject", ""]),
    decidedBy: z.string(),
    decidedAt: zMaybeInstant,
    decisionReason: z.string(),
    overtakenBy: z.string(),
  }),
  maxSeconds: 10,
});

/** The plans of a run, by table; none where it did not stop. */
export async function readRunPlan(
  scope: TenantScope,
  runId: string,
  db?: Db,
): Promise<RunPlanReply> {
  const rows = await plans(scope, { runId }, db);
  return {
    asOf: new Date().toISOString(),
    tables: rows.map(({ overtakenBy, ...row }) => ({
      ...row,
      sentence: planSentence(row.reason, row.figures),
      overtakenBy:
        row.status === "waiting" && overtakenBy !== "" && overtakenBy !== runId
          ? overtakenBy
          : null,
    })),
  };
}
