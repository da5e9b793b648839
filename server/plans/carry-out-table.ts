import type { PlanRule } from "@/lib/contracts/plans";
import { dropStagingTables, findStagingTables } from "@/server/runs/staging-cleanup";
import { NO_ROWS } from "@/server/scd2/count";
import { discover } from "@/server/scd2/discover";
import { type LoadLimits, type LoadOutcome, loadTable } from "@/server/scd2/load-table";
import { allOf } from "@/server/scd2/plan-load";
import type { PreparedBatch } from "@/server/scd2/prepared-batch";
import type { Reporter, TableProgress } from "@/server/scd2/reporter";
import { type TableWork, leaseOfStagingTable, placeOf } from "@/server/scd2/table-work";

import { applyPlan, violationsOfApplied } from "./apply-plan";
import { type PlanCause, keepPlan, makePlan } from "./make-plan";
import { countVersions } from "./plan-figures";
import { planSentence } from "./plan-sentence";
import { type Plan, findPlans, heldExtracts, writePlan } from "./plan-store";
import { isReload } from "./is-reload";

/** How a table's part of a run went: loaded, or stopped for an operator, or rejected by one. */
export type TableOutcome =
  | { readonly loaded: LoadOutcome }
  | { readonly waiting: Plan }
  | { readonly rejected: Plan };

/** What decides whether a table's part of a run stops as a plan. */
export interface PlanRules {
  readonly rule: PlanRule;
  /** Started by the clock or by a landed object: what an operator has before him or has rejected is left out. */
  readonly isAutomatic: boolean;
  /** A full extract that would delete more than this share of the current records, and at least so many, stops. */
  readonly deleteThresholdPercent: number;
  readonly deleteMinimumRecords: number;
  /** Nobody has worked on the run's table before, so that there is no plan of it. */
  readonly isUntouched?: boolean;
}

const NOTHING: LoadOutcome = { counts: NO_ROWS, deadObjects: 0, violations: [], more: false };

/**
 * Carries out a table's part of a run under the lease that `work` holds: loads it, or makes its plan, or does with the
 * plan what was decided. A plan that has become stale is made anew and waits again, beside the one it replaces.
 *
 * @throws what the engine throws; `mayPublish` among it
 */
export async function carryOutTable(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  rules: PlanRules,
): Promise<TableOutcome> {
  const [plan] =
    rules.isUntouched === true ? [] : await findPlans(work.db, work.runId, work.entity.name);
  if (plan === undefined) return begin(work, mode, reporter, limits, rules);
  if (plan.status === "waiting" && plan.decision === "") {
    reporter.progress({ ...progressOf(plan), counts: NO_ROWS });
    return { waiting: plan };
  }
  if (plan.status === "rejected" || (plan.status === "waiting" && plan.decision === "reject")) {
    const rejected: Plan = { ...plan, status: "rejected" };
    if (plan.status !== "rejected") await writePlan(work.db, rejected);
    await dropPlanned(work, plan);
    return { rejected };
  }
  if (plan.status === "stale") return replan(work, mode, reporter, limits, plan);
  if (plan.status === "applied") {
    // What an increment has published is counted by its batches; a bulk load starts to count anew.
    if (mode === "bulk") reporter.progress(progressOf(plan));
    const violations = await violationsOfApplied(work);
    if (plan.reason !== "extract") return { loaded: { ...NOTHING, violations } };
    return goOn(work, mode, reporter, limits, rules, violations);
  }
  const applied = await applyPlan(work, reporter, plan);
  if ("violations" in applied) {
    reporter.progress(progressOf(plan));
    // What comes behind an extract is loaded by a call of its own, which counts from there.
    const more = plan.reason === "extract" && applied.violations.length === 0;
    return { loaded: { ...NOTHING, violations: applied.violations, more } };
  }
  reporter.event("warn", "plan_stale", `Not applied. ${applied.changes.join(" ")}`);
  return replan(work, mode, reporter, limits, applied.stale);
}

async function begin(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  rules: PlanRules,
): Promise<TableOutcome> {
  const cause: PlanCause | undefined =
    rules.rule === "always"
      ? { reason: "asked" }
      : rules.rule === "when_due" && mode === "bulk" && (await isReload(work))
        ? { reason: "reload" }
        : undefined;
  if (cause !== undefined) {
    const plan = await makePlan(work, mode, reporter, limits, cause);
    if (plan !== undefined) return stop(reporter, plan);
  }
  return load(work, mode, reporter, limits, rules);
}

/** Loads; stops where a full extract would delete too much. */
async function load(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  rules: PlanRules,
): Promise<TableOutcome> {
  const isGuarded = rules.rule === "when_due" && mode === "incremental";
  const held =
    isGuarded && rules.isAutomatic
      ? await heldExtracts(work.db, placeOf(work))
      : new Map<number, string>();
  const outcome = await loadTable(work, mode, reporter, {
    ...limits,
    ...(isGuarded ? { holds: (prepared) => deletesTooMuch(work, prepared, rules) } : {}),
    ...(held.size > 0 ? { heldExtracts: held } : {}),
  });
  if (outcome.held === undefined) return { loaded: outcome };
  const pending = allOf(await discover(work, mode)).objects;
  return stop(
    reporter,
    await keepPlan(work, reporter, outcome.held, pending, { reason: "extract" }),
  );
}

async function deletesTooMuch(
  work: TableWork,
  prepared: PreparedBatch,
  rules: PlanRules,
): Promise<boolean> {
  if (prepared.countedExtracts.length === 0) return false;
  const { deletions } = await countVersions(work, prepared.mode);
  const current = prepared.before?.current ?? 0;
  return (
    deletions >= Math.max(rules.deleteMinimumRecords, 1) &&
    deletions > (current * rules.deleteThresholdPercent) / 100
  );
}

/** What comes behind an approved extract is loaded by the rules; a further one to stop for stops the run anew. */
async function goOn(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  rules: PlanRules,
  violations: LoadOutcome["violations"],
): Promise<TableOutcome> {
  const rest = await load(work, mode, reporter, limits, rules);
  return "loaded" in rest
    ? { loaded: { ...rest.loaded, violations: [...violations, ...rest.loaded.violations] } }
    : rest;
}

/** The table as a plan that was published leaves it. */
function progressOf({ prepared }: Plan): TableProgress {
  const bytes = prepared.objects.reduce((sum, object) => sum + object.bytes, 0);
  return {
    objectsTotal: prepared.objects.length,
    objectsDone: prepared.objects.length,
    bytesTotal: bytes,
    bytesDone: bytes,
    rowsTotal: prepared.counts.read,
    rowsDone: prepared.counts.read,
    counts: prepared.counts,
  };
}

async function replan(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  plan: Plan,
): Promise<TableOutcome> {
  await dropPlanned(work, plan);
  const next = await makePlan(work, mode, reporter, limits, {
    reason: plan.reason,
    previous: plan.previous ?? { figures: plan.figures, changes: [] },
  });
  if (next !== undefined) return stop(reporter, next);
  reporter.event("info", "plan_empty", "There is nothing left to load.");
  await writePlan(work.db, { ...plan, status: "applied" });
  return { loaded: NOTHING };
}

function stop(reporter: Reporter, plan: Plan): TableOutcome {
  const { figures } = plan;
  reporter.event(
    "warn",
    "plan_made",
    `${planSentence(plan.reason, figures)} Would open ${figures.versionsOpened} and close ${figures.versionsClosed} versions, and delete ${figures.deletions} of ${figures.currentBefore} records. Waits for approval.`,
  );
  return { waiting: plan };
}

async function dropPlanned(work: TableWork, plan: Plan): Promise<void> {
  const tables = await findStagingTables(work.db, plan.run_id);
  await dropStagingTables(
    work.db,
    tables.filter((name) => {
      const token = leaseOfStagingTable(name);
      return token !== undefined && token !== work.token && plan.tokens.includes(token);
    }),
  );
}
