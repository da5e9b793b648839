import type { TableRun } from "@/lib/contracts/fleet";
import { type Cause, type Freshness, type Health, freshness, worstHealth } from "@/lib/status";

/** What is needed to judge one table of one tenant; all times ISO in UTC. */
export interface TableFacts {
  readonly asOf: string;
  /** Stamp of the newest object in the table; null where nothing was ever loaded. */
  readonly newestObjectAt: string | null;
  readonly targetMinutes: number;
  readonly rejectThresholdPercent: number;
  readonly lastRun: TableRun | null;
  /** The newest look into the store that made no run, or whose run is still to come; null before the first. */
  readonly look?: { readonly at: string; readonly foundWaiting: boolean } | null;
}

export interface TableJudgement {
  readonly ageSeconds: number | null;
  readonly state: Freshness;
  readonly cause: Cause | null;
}

function causeAtStep(step: string): Cause {
  if (step === "audit") return "validating";
  if (["merge", "publish", "ledger", "verify"].includes(step)) return "publishing";
  return "loading";
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

/** Why a table is past its target, as far as its newest run tells. */
function causeOf(facts: TableFacts): Cause {
  const { asOf, targetMinutes, rejectThresholdPercent, lastRun, look = null } = facts;
  if (lastRun === null) return "waiting";
  switch (lastRun.status) {
    case "queued":
      return "queued";
    case "running":
    case "retrying":
      return causeAtStep(lastRun.step);
    case "stalled":
      return lastRun.step === "merge" ? "merging" : "held";
    case "waiting_approval":
    case "unbalanced":
      return "held";
    case "failed":
      return lastRun.read > 0 && (lastRun.rejected / lastRun.read) * 100 > rejectThresholdPercent
        ? "rejected"
        : "held";
    case "succeeded":
    case "partial":
    case "cancelled": {
      // A run that looked lately found nothing newer; after an older one nobody has looked.
      const ranAt = lastRun.finishedAt ?? lastRun.startedAt;
      if (look !== null && (ranAt === null || look.at > ranAt)) {
        const isRecent = secondsBetween(look.at, asOf) <= targetMinutes * 60;
        return isRecent && !look.foundWaiting ? "no_file" : "waiting";
      }
      const looked = ranAt !== null && secondsBetween(ranAt, asOf) <= targetMinutes * 60;
      return looked && lastRun.status !== "cancelled" ? "no_file" : "waiting";
    }
  }
}

/** Age, freshness and, past the target, the cause of one table. Pure. */
export function judgeTable(facts: TableFacts): TableJudgement {
  if (facts.newestObjectAt === null) return { ageSeconds: null, state: "never", cause: null };
  const ageSeconds = secondsBetween(facts.newestObjectAt, facts.asOf);
  const cause = causeOf(facts);
  const state = freshness(ageSeconds, facts.targetMinutes * 60, cause);
  return { ageSeconds, state, cause: state === "within" ? null : cause };
}

/** Health of one table from its freshness, its newest run and its invariants; null where nothing was loaded. */
function tableHealth(
  state: Freshness,
  lastRun: TableRun | null,
  invariantsBroken: readonly string[],
): Health | null {
  const worst: Health[] = [];
  if (invariantsBroken.length > 0 || state === "blocked") worst.push("degraded");
  if (state === "late") worst.push("warning");
  if (state === "within") worst.push("healthy");
  if (lastRun !== null) {
    if (lastRun.status === "failed" || lastRun.status === "unbalanced") worst.push("degraded");
    if (["partial", "retrying", "stalled", "waiting_approval"].includes(lastRun.status))
      worst.push("warning");
  }
  return worst.length === 0 ? null : worstHealth(worst);
}

/**
 * The worst health of a tenant's tables. Tables that were never loaded count only when none was: a tenant that
 * delivers one table of four is not unknown.
 */
export function tenantHealth(
  tables: readonly {
    readonly state: Freshness;
    readonly lastRun: TableRun | null;
    readonly invariantsBroken: readonly string[];
  }[],
): Health {
  return worstHealth(
    tables
      .map((table) => tableHealth(table.state, table.lastRun, table.invariantsBroken))
      .filter((health): health is Health => health !== null),
  );
}
