import type { PlanReason } from "@/lib/contracts/plans";
import { env } from "@/server/env";
import { estimateRecords } from "@/server/scd2/batches";
import { NO_ROWS } from "@/server/scd2/count";
import { nextBatch } from "@/server/scd2/object-ledger";
import { allOf, planLoad } from "@/server/scd2/plan-load";
import { type RejectLimits, prepareBatch } from "@/server/scd2/prepare-batch";
import type { PreparedBatch } from "@/server/scd2/prepared-batch";
import type { Reporter } from "@/server/scd2/reporter";
import type { BatchObject } from "@/server/scd2/stage";
import type { TableWork } from "@/server/scd2/table-work";

import { describePlan } from "./describe-plan";
import { basisNow } from "./plan-basis";
import { type Plan, writePlan } from "./plan-store";

const DAY_MS = 86_400_000;

/** Why a plan is made, and which one it replaces. */
export interface PlanCause {
  readonly reason: PlanReason;
  readonly previous?: Plan["previous"];
}

/**
 * Plans a table's load: everything that there is to load is prepared as one batch, whatever its size (what does not fit
 * into memory is cut by ranges of ids), and kept for {@link applyPlan}.
 *
 * @returns the plan, or undefined where there is nothing to load
 * @throws what preparing throws; `mayPublish` where the lease is lost
 */
export async function makePlan(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: RejectLimits,
  cause: PlanCause,
): Promise<Plan | undefined> {
  const first = mode === "bulk" ? 1 : await nextBatch(work);
  const { discovery, batches } = await planLoad(work, mode, reporter, first);
  if (batches.length === 0) return undefined;
  const batch = allOf(discovery);
  const total = {
    objectsTotal: batch.objects.length,
    bytesTotal: batch.objects.reduce((sum, object) => sum + object.bytes, 0),
    rowsTotal: batch.objects.reduce((sum, object) => sum + estimateRecords(object), 0),
  };
  const none = { objectsDone: 0, bytesDone: 0, rowsDone: 0, counts: NO_ROWS };
  reporter.progress({ ...total, ...none });
  const prepared = await prepareBatch(work, mode, reporter, limits, {
    ...batch,
    number: first,
    countedExtracts: discovery.countedExtracts,
    onStatement: (queryId) => reporter.reading(queryId, { ...total, ...none }),
    defersAudit: true,
  });
  reporter.progress({
    objectsTotal: total.objectsTotal,
    objectsDone: total.objectsTotal,
    bytesTotal: total.bytesTotal,
    bytesDone: total.bytesTotal,
    rowsTotal: prepared.counts.read,
    rowsDone: prepared.counts.read,
    counts: NO_ROWS,
  });
  return keepPlan(
    work,
    reporter,
    { ...prepared, dead: [...discovery.dead, ...prepared.dead] },
    batch.objects,
    cause,
  );
}

/**
 * Writes a plan down for a batch that is prepared: from here on its staging tables are kept.
 *
 * @param pending all objects that were not loaded when it was made
 */
export async function keepPlan(
  work: TableWork,
  reporter: Reporter,
  prepared: PreparedBatch,
  pending: readonly BatchObject[],
  { reason, previous = null }: PlanCause,
): Promise<Plan> {
  if (work.token === undefined) throw new Error("A plan needs staging tables of its own");
  const now = Date.now();
  const plan: Plan = {
    run_id: work.runId,
    tenant_id: work.tenantId,
    table_name: work.entity.name,
    status: "waiting",
    reason,
    tokens: [work.token],
    extracts: [...prepared.countedExtracts],
    prepared,
    basis: await basisNow(work, pending),
    figures: await describePlan(work, prepared),
    previous,
    created_at: new Date(now).toISOString(),
    expires_at: new Date(now + env().PLAN_EXPIRY_DAYS * DAY_MS).toISOString(),
    decision: "",
    decided_by: "",
    decided_at: null,
    decision_reason: "",
  };
  // Whoever lost the lease while it planned must not write over the plan of its successor.
  await reporter.mayPublish();
  await writePlan(work.db, plan);
  return plan;
}
