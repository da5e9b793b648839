import { z } from "zod";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { zCount, zInstant } from "./row-types";

/** A run that waits for approval. */
export interface WaitingPlan {
  readonly runId: string;
  readonly tenantId: string;
  readonly tables: readonly string[];
  /** Records that would no longer be current. */
  readonly deletions: number;
  readonly since: string;
}

/** Runs whose plans nobody has decided on, oldest first: they wait even where newer runs went well. */
export const waitingPlans = fleetQuery({
  name: "fleet.waiting-plans",
  sql: `
SELECT
    run_id AS runId, any(tenant_id) AS tenantId, groupArray(table_name) AS tables,
    sum(JSONExtractUInt(figures, 'deletions')) AS deletions, min(created_at) AS since
FROM (
    SELECT run_id, tenant_id, toString(table_name) AS table_name, figures, created_at FROM plans FINAL
    WHERE status = 'waiting' AND decision = ''
    ORDER BY run_id, table_name
)
GROUP BY run_id
ORDER BY run_id
LIMIT 500`,
  params: z.object({}),
  row: z.object({
    runId: z.string(),
    tenantId: z.string(),
    tables: z.array(z.string()),
    deletions: zCount,
    since: zInstant,
  }),
  maxSeconds: 10,
});
