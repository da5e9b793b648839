import { z } from "zod";
import { MAX_INTERVAL_MINUTES, PRIORITIES, SCHEDULE_KINDS } from "@/lib/schedule";
import { contract } from "./contract";
import { Instant, RunId, TenantId } from "./values";

export const ScheduleKind = z.enum(SCHEDULE_KINDS, "Expected interval or cron.");
export const Priority = z.enum(PRIORITIES, "Expected low, normal or high.");

function whole(least: number, most: number) {
  return z
    .number("Give a whole number.")
    .int("Give a whole number.")
    .min(least, `At least ${least}.`)
    .max(most, `At most ${most}.`);
}

/** What can be set of a tenant; whether a cron expression is one is checked with its zone. */
const FIELDS = {
  scheduleKind: ScheduleKind,
  intervalMinutes: whole(1, MAX_INTERVAL_MINUTES),
  cron: z.string("Give five fields.").trim().max(200, "At most 200 characters."),
  /** IANA name; '' is the tenant's own zone. */
  scheduleTimeZone: z.string("Give a time zone.").trim().max(100, "At most 100 characters."),
  priority: Priority,
  tablesAtOnce: whole(1, 10),
  rejectThresholdPercent: z.number("Give a number.").min(0, "At least 0.").max(100, "At most 100."),
  rejectMinimumRows: whole(1, 1_000_000),
  /** A full extract that would delete more than this share of the current records, and at least so many, stops as a plan. */
  deleteThresholdPercent: z.number("Give a number.").min(0, "At least 0.").max(100, "At most 100."),
  deleteMinimumRecords: whole(1, 1_000_000_000),
  freshnessTargetMinutes: whole(1, 30 * 24 * 60),
};

/** The settings of a tenant as they stand. */
export const TenantSettings = z.object({
  ...FIELDS,
  tenantId: TenantId,
  paused: z.boolean(),
  pausedBy: z.string(),
  pausedAt: Instant.nullable(),
  pauseReason: z.string(),
});
export type TenantSettings = z.infer<typeof TenantSettings>;

/** A change with what stood before. */
export const SettingsChanged = z.object({ before: TenantSettings, after: TenantSettings });
export type SettingsChanged = z.infer<typeof SettingsChanged>;

export const SETTABLE = Object.keys(FIELDS) as (keyof typeof FIELDS)[];

/** Changes what is named and leaves the rest. */
export const setTenantContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/settings",
  summary: "Change a tenant's schedule, priority and limits",
  params: { tenant: "tenantId" },
  input: z.strictObject({ tenantId: TenantId, ...z.object(FIELDS).partial().shape }),
  reply: SettingsChanged,
});

export const pauseTenantContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/pause",
  summary: "Let nothing of a tenant start by itself",
  params: { tenant: "tenantId" },
  input: z.strictObject({
    tenantId: TenantId,
    reason: z.string().trim().max(500, "At most 500 characters.").default(""),
  }),
  reply: SettingsChanged,
});

export const resumeTenantContract = contract({
  method: "POST",
  path: "/api/v1/tenants/[tenant]/resume",
  summary: "Let a tenant's increments start by themselves again",
  params: { tenant: "tenantId" },
  input: z.strictObject({ tenantId: TenantId }),
  reply: SettingsChanged,
});

/** Objects in the store that are not in a table yet, as the newest look found them. */
export const WaitingTable = z.object({
  tableName: z.string(),
  objects: z.number(),
  bytes: z.number(),
  oldestAt: Instant,
});
export type WaitingTable = z.infer<typeof WaitingTable>;

export const CHECK_OUTCOMES = ["started", "nothing_new", "failed"] as const;

/** The newest look into a tenant's part of the store. */
export const ScheduleCheck = z.object({
  checkedAt: Instant,
  cause: z.enum(["schedule", "event"]),
  outcome: z.enum(CHECK_OUTCOMES),
  runId: z.union([RunId, z.literal("")]),
  waiting: z.array(WaitingTable),
  error: z.string(),
});
export type ScheduleCheck = z.infer<typeof ScheduleCheck>;

/** What of a tenant's schedule the lists show. */
export const ScheduleStanding = z.object({
  paused: z.boolean(),
  priority: Priority,
  /** In words: `every 15 min`. */
  schedule: z.string(),
  /** When the next increment is due; in the past: it waits for its turn. Null: paused, or never loaded. */
  nextAt: Instant.nullable(),
  checkedAt: Instant.nullable(),
  waitingObjects: z.number(),
  waitingBytes: z.number(),
  oldestWaitingAt: Instant.nullable(),
});
export type ScheduleStanding = z.infer<typeof ScheduleStanding>;

/** What the process that starts increments says of itself; `landing` is how it notices landed objects. */
export const SchedulerState = z.object({
  /** False where none has given a sign of life lately: nothing starts by itself. */
  alive: z.boolean(),
  beatAt: Instant,
  landing: z.enum(["watch", "listing", "off"]),
  message: z.string(),
});
export type SchedulerState = z.infer<typeof SchedulerState>;

export const TenantSettingsReply = z.object({
  asOf: Instant,
  settings: TenantSettings,
  /** The tenant's own zone, which stands in for an empty one. */
  timeZone: z.string(),
  standing: ScheduleStanding,
  /** False: the tenant waits for its bulk load, and nothing is started before it. */
  loaded: z.boolean(),
  /** Days that closed dead letters are kept. */
  retentionDays: z.number(),
  /** The schedule's next times, soonest first. */
  nextTimes: z.array(Instant),
  check: ScheduleCheck.nullable(),
  /** Null where no process ever started increments. */
  scheduler: SchedulerState.nullable(),
});
export type TenantSettingsReply = z.infer<typeof TenantSettingsReply>;

export const tenantSettingsContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/settings",
  summary:
    "A tenant's schedule, priority and limits, when its next increment is due, and its last look into the store",
  params: { tenant: "tenantId" },
  input: z.strictObject({ tenantId: TenantId }),
  reply: TenantSettingsReply,
});
