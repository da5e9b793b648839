import { z } from "zod";
import { contract } from "./contract";
import { After, listOf, pageSize } from "./read-input";
import { ScheduleStanding } from "./tenant-settings";
import {
  FreshnessCause,
  FreshnessState,
  HealthWord,
  Instant,
  RunId,
  RunMode,
  RunStatus,
  TenantId,
} from "./values";

/** The newest run of one table. Rows are those of this table alone. */
export const TableRun = z.object({
  runId: RunId,
  status: RunStatus,
  step: z.string(),
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  read: z.number(),
  /** new + changed + deleted + unchanged + duplicate + rejected: equal to `read` when the run balances. */
  accounted: z.number(),
  rejected: z.number(),
  rowsPerSecond: z.number(),
  /** When its worker last gave a sign of life. */
  heartbeatAt: Instant.nullable(),
  error: z.string(),
});
export type TableRun = z.infer<typeof TableRun>;

/** One table of one tenant as it stands. `ageSeconds` is null where nothing was ever loaded. */
export const TableStanding = z.object({
  tableName: z.string(),
  newestObjectAt: Instant.nullable(),
  ageSeconds: z.number().nullable(),
  targetMinutes: z.number(),
  state: FreshnessState,
  cause: FreshnessCause.nullable(),
  entities: z.number(),
  versions: z.number(),
  current: z.number(),
  invariantsHeld: z.number(),
  invariantsChecked: z.number(),
  invariantsBroken: z.array(z.string()),
  lastGoodAt: Instant.nullable(),
  lastRun: TableRun.nullable(),
});
export type TableStanding = z.infer<typeof TableStanding>;

/** A tenant with all its tables; health is the worst of freshness, last run and invariants. */
export const TenantStanding = z.object({
  tenantId: TenantId,
  name: z.string(),
  sourceSystem: z.string(),
  timeZone: z.string(),
  health: HealthWord,
  targetMinutes: z.number(),
  rejectThresholdPercent: z.number(),
  createdAt: Instant,
  createdBy: z.string(),
  schedule: ScheduleStanding,
  tables: z.array(TableStanding),
  /** Current rows of all tables. */
  rows: z.number(),
  /** Rejected and read rows of each table's newest run, added up. */
  rejected: z.number(),
  read: z.number(),
  lastRun: z
    .object({
      runId: RunId,
      mode: RunMode,
      status: RunStatus,
      startedAt: Instant.nullable(),
      finishedAt: Instant.nullable(),
    })
    .nullable(),
});
export type TenantStanding = z.infer<typeof TenantStanding>;

/** Where the one next action of a line leads. */
export const NeedTarget = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("run"), runId: RunId }),
  z.object({ kind: z.literal("rejects"), tenantId: TenantId, tableName: z.string() }),
  z.object({ kind: z.literal("tenant"), tenantId: TenantId }),
  z.object({ kind: z.literal("filter"), health: HealthWord }),
]);
export type NeedTarget = z.infer<typeof NeedTarget>;

/** One line of "Needs you": state, who, the cause as a sentence, since when, the one next action. */
export const Need = z.object({
  key: z.string(),
  status: z.union([RunStatus, HealthWord]),
  who: z.string(),
  what: z.string(),
  sentence: z.string(),
  since: Instant.nullable(),
  action: z.string(),
  target: NeedTarget,
});
export type Need = z.infer<typeof Need>;

export const HealthCounts = z.object({
  degraded: z.number(),
  warning: z.number(),
  unknown: z.number(),
  healthy: z.number(),
});
export type HealthCounts = z.infer<typeof HealthCounts>;

export const FleetReply = z.object({
  asOf: Instant,
  health: HealthCounts,
  tenants: z.number(),
  tables: z.number(),
  tablesWithinTarget: z.number(),
  /** At most five; `needsMore` says how many were left out. */
  needs: z.array(Need),
  needsMore: z.number(),
  /** Worst first. `matching` counts those that pass the filter. */
  rows: z.array(TenantStanding),
  matching: z.number(),
  next: z.string().nullable(),
});
export type FleetReply = z.infer<typeof FleetReply>;

export const fleetContract = contract({
  method: "GET",
  path: "/api/v1/fleet",
  summary: "What needs a person, and every tenant's tables, worst first",
  params: {},
  input: z.strictObject({ health: listOf(HealthWord), after: After, limit: pageSize(100) }),
  reply: FleetReply,
});
