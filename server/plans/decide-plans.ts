import { AppError } from "@/server/errors";
import { entityOf } from "@/lib/catalog";
import { runLease, takeLease } from "@/server/runs/lease";
import { queueAgain } from "@/server/runs/queue-again";
import type { RunContext } from "@/server/runs/run-context";
import { type Run, findRun, tellRun } from "@/server/runs/run-store";
import type { TableWork } from "@/server/scd2/table-work";

import { stalePlan } from "./apply-plan";
import { changesSince } from "./plan-basis";
import { type Plan, findPlans, writePlan } from "./plan-store";

/** What deciding needs. */
export type DecisionContext = Pick<RunContext, "db" | "store" | "entities" | "maxMemoryBytes">;

/** What is decided of a run's plans, by whom. */
export interface Decision {
  readonly runId: string;
  readonly decision: "apply" | "reject";
  readonly by: string;
  /** Why it is rejected; '' for an apply. */
  readonly reason: string;
}

/**
 * Decides on all plans of a run that wait, and puts the run back into the queue; a worker does the rest. The lease of the
 * run is held meanwhile, so that of several decisions one counts.
 *
 * @throws AppError `not-found`; `conflict` where the run does not wait (any more), or where the store or the table has
 *   changed since it was planned: it is planned anew then, and waits again
 */
export async function decidePlans(context: DecisionContext, input: Decision): Promise<void> {
  const { db } = context;
  const taken = await takeLease(db, runLease(input.runId), input.runId);
  if (!("lease" in taken)) {
    throw new AppError("conflict", "The run is being carried out and does not wait for approval.");
  }
  try {
    const run = await findRun(db, input.runId);
    if (run === undefined) throw new AppError("not-found", "There is no such run.");
    if (run.status !== "waiting_approval") {
      throw new AppError("conflict", `This run does not wait for approval: it is ${run.status}.`);
    }
    const plans = (await findPlans(db, input.runId)).filter((plan) => plan.status === "waiting");
    const changes =
      input.decision === "apply" ? await markStale(context, run, plans) : new Map<string, string>();
    if (changes.size === 0) await decide(context, run, plans, input);
    await taken.lease.assertHeld();
    await queueAgain(db, input.runId);
    if (changes.size > 0) {
      throw new AppError(
        "conflict",
        `${[...changes].map(([table, said]) => `${table}: ${said}`).join(" ")} ` +
          "Nothing was published. The run is planned anew; compare the two plans on its page and apply again.",
      );
    }
  } finally {
    await taken.lease.release();
  }
}

async function decide(
  { db }: DecisionContext,
  run: Run,
  plans: readonly Plan[],
  { decision, by, reason }: Decision,
): Promise<void> {
  for (const plan of plans) {
    await writePlan(db, {
      ...plan,
      decision,
      decided_by: by,
      decided_at: new Date().toISOString(),
      decision_reason: reason,
    });
  }
  const tables = plans.map((plan) => plan.table_name).join(", ");
  await tellRun(db, run, {
    level: decision === "apply" ? "info" : "warn",
    event: decision === "apply" ? "plan_approved" : "plan_rejected",
    message:
      decision === "apply"
        ? `${by} applies the plan of ${tables}.`
        : `${by} rejects the plan of ${tables}: ${reason}`,
  });
}

/** Marks the plans that the store or the table has moved on from; by table what has changed. */
async function markStale(
  context: DecisionContext,
  run: Run,
  plans: readonly Plan[],
): Promise<Map<string, string>> {
  const changes = new Map<string, string>();
  for (const plan of plans) {
    const entity = entityOf(plan.table_name, context.entities);
    if (entity === undefined) continue;
    const work: TableWork = {
      db: context.db,
      store: context.store,
      entity,
      tenantId: plan.tenant_id,
      runId: plan.run_id,
      maxMemoryBytes: context.maxMemoryBytes,
    };
    const found = await changesSince(work, plan);
    if (found.length === 0) continue;
    changes.set(plan.table_name, found.join(" "));
    await writePlan(context.db, stalePlan(plan, found));
    await tellRun(context.db, run, {
      level: "warn",
      event: "plan_stale",
      table_name: plan.table_name,
      message: `Not applied. ${found.join(" ")}`,
    });
  }
  return changes;
}
