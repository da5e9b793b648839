import { findStagingTables, killWith } from "@/server/runs/staging-cleanup";
import { INVARIANTS, type Violation } from "@/server/scd2/invariants";
import { publishBatch } from "@/server/scd2/publish-batch";
import type { Reporter } from "@/server/scd2/reporter";
import { readState } from "@/server/scd2/table-state";
import { type TableWork, stagingTables } from "@/server/scd2/table-work";

import { changesSince } from "./plan-basis";
import { type Plan, writePlan } from "./plan-store";

/** How applying went: published, or refused for what has changed since the plan was made. */
export type Applied =
  | { readonly violations: readonly Violation[] }
  | { readonly changes: readonly string[]; readonly stale: Plan };

/**
 * Publishes exactly what a plan staged, under the lease that `work` holds; or, where the store or the table has changed
 * since, marks it stale and publishes nothing. Called again after a crash it ends what was begun.
 *
 * @throws what `mayPublish` throws, ClickHouseError; the plan stays and can be applied again
 */
export async function applyPlan(work: TableWork, reporter: Reporter, plan: Plan): Promise<Applied> {
  const isResumed = plan.status === "applying";
  const changes = await changesSince(work, plan, { isResumed });
  if (changes.length === 0) {
    const own = await takeStaging(work, plan);
    if (own !== undefined) {
      await reporter.mayPublish();
      await writePlan(work.db, { ...own, status: "applying" });
      const violations = await publishBatch(work, reporter, plan.prepared);
      await writePlan(work.db, { ...own, status: "applied" });
      return { violations };
    }
    changes.push("What was staged is no longer there.");
  }
  await reporter.mayPublish();
  const stale = stalePlan(plan, changes);
  await writePlan(work.db, stale);
  return { changes, stale };
}

/** A plan that cannot be applied any more, for what has changed: the next one is shown beside it. */
export function stalePlan(plan: Plan, changes: readonly string[]): Plan {
  return {
    ...plan,
    status: "stale",
    previous: { figures: plan.figures, changes: [...changes] },
  };
}

/** What of a plan that was applied before a crash does not hold. */
export async function violationsOfApplied(work: TableWork): Promise<Violation[]> {
  const broken = (await readState(work))?.invariants_broken ?? [];
  return INVARIANTS.filter((invariant) => broken.includes(invariant)).map((invariant) => ({
    invariant,
    entities: 0,
    samples: [],
  }));
}

/**
 * Renames a plan's staging tables to those of the lease that is held now, so that one who held an earlier lease finds
 * nothing to publish.
 *
 * @returns the plan under its new token, or undefined where its staging is gone
 */
async function takeStaging(work: TableWork, plan: Plan): Promise<Plan | undefined> {
  const { db, token } = work;
  if (token === undefined) throw new Error("A plan is applied under a lease");
  const wanted = stagingTables(work);
  const tokens = [...new Set([...plan.tokens, token])];
  const own = { ...plan, tokens };
  // Both names are kept until all tables have the new one.
  await writePlan(db, own);
  const there = new Set(await findStagingTables(db, plan.run_id));
  const renames = plan.tokens
    .filter((earlier) => earlier !== token)
    .flatMap((earlier) => {
      const names = stagingTables({ ...work, token: earlier });
      return (["stage", "walk", "delta"] as const)
        .filter((part) => there.has(names[part]))
        .map((part) => ({ from: names[part], to: wanted[part] }));
    });
  await killWith(
    db,
    renames.map(({ from }) => from),
  );
  for (const { from, to } of renames) {
    await db.command({ name: "plans.take-staging", sql: `RENAME TABLE ${from} TO ${to}` });
    there.add(to);
  }
  return there.has(wanted.stage) && there.has(wanted.delta) ? own : undefined;
}
