import { z } from "zod";

import { contract } from "./contract";
import { Instant, RowLedger, RunId } from "./values";

/** Why a run stopped: it was started as a plan, it is a reload, or a full extract would delete too much. */
export const PlanReason = z.enum(["asked", "reload", "extract"]);
export type PlanReason = z.infer<typeof PlanReason>;

export const PlanStatus = z.enum(["waiting", "applying", "applied", "rejected", "stale"]);
export type PlanStatus = z.infer<typeof PlanStatus>;

/** When a run stops as a plan. */
export const PLAN_RULES = ["when_due", "always", "never"] as const;
export const PlanRule = z.enum(PLAN_RULES);
export type PlanRule = z.infer<typeof PlanRule>;

/** One entity of the sample: its current version before and after. Values are text as it is shown, cut at 300 characters. */
export const PlanDiff = z.object({
  entityId: z.string(),
  /** `past`: only versions that ended earlier differ. */
  effect: z.enum(["new", "changed", "deleted", "past"]),
  /** Versions that are opened, closed, altered or removed. */
  versions: z.number(),
  fields: z.array(
    z.object({ name: z.string(), a: z.string().nullable(), b: z.string().nullable() }),
  ),
});
export type PlanDiff = z.infer<typeof PlanDiff>;

/** What publishing would do to one table. */
export const PlanFigures = z.object({
  objects: z.number(),
  bytes: z.number(),
  /** Objects that cannot be taken in. */
  deadObjects: z.number(),
  /** The full extracts that would count. */
  extracts: z.array(Instant),
  ledger: RowLedger,
  versionsOpened: z.number(),
  /** Versions that are current now and would end. */
  versionsClosed: z.number(),
  /** Versions in the past whose extent or content would change. */
  versionsAltered: z.number(),
  versionsRemoved: z.number(),
  entitiesNew: z.number(),
  /** Records that are current now and would no longer be. */
  deletions: z.number(),
  currentBefore: z.number(),
  currentAfter: z.number(),
  /** What the rejected rows break, most first. */
  rejects: z.array(z.object({ rule: z.string(), field: z.string(), rows: z.number() })),
  diffs: z.array(PlanDiff),
  /** Seconds that making the plan took. */
  planSeconds: z.number(),
  /** Seconds that publishing took in past runs of this table, the median; null where there were none. */
  expectedSeconds: z.number().nullable(),
});
export type PlanFigures = z.infer<typeof PlanFigures>;

/** A plan of one table of a run. */
export const TablePlan = z.object({
  tableName: z.string(),
  status: PlanStatus,
  reason: PlanReason,
  /** The reason as a sentence with its figures. */
  sentence: z.string(),
  figures: PlanFigures,
  /** The plan that this one replaced when it was to be applied, and what had changed since it was made. */
  previous: z.object({ figures: PlanFigures, changes: z.array(z.string()) }).nullable(),
  /** A run that has published into the table since; applying will plan anew. */
  overtakenBy: z.string().nullable(),
  createdAt: Instant,
  expiresAt: Instant,
  decision: z.enum(["apply", "reject", ""]),
  decidedBy: z.string(),
  decidedAt: Instant.nullable(),
  decisionReason: z.string(),
});
export type TablePlan = z.infer<typeof TablePlan>;

export const RunPlanReply = z.object({ asOf: Instant, tables: z.array(TablePlan) });
export type RunPlanReply = z.infer<typeof RunPlanReply>;

export const runPlanContract = contract({
  method: "GET",
  path: "/api/v1/runs/[run]/plan",
  summary: "What a run that waits for approval would do, by table",
  params: { run: "runId" },
  input: z.object({ runId: RunId }),
  reply: RunPlanReply,
});

/** Publishes exactly what was staged. A plan that the store or the table has moved on from is a conflict, and planned anew. */
export const applyRunContract = contract({
  method: "POST",
  path: "/api/v1/runs/[run]/apply",
  summary: "Apply the plan of a run",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: z.object({ runId: RunId }),
});

/** Drops what was staged; the run ends cancelled. */
export const rejectRunContract = contract({
  method: "POST",
  path: "/api/v1/runs/[run]/reject",
  summary: "Reject the plan of a run",
  params: { run: "runId" },
  input: z.strictObject({
    runId: RunId,
    reason: z
      .string()
      .trim()
      .min(8, "Say why in at least 8 characters.")
      .max(500, "At most 500 characters."),
  }),
  reply: z.object({ runId: RunId }),
});
