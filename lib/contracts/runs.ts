import { z } from "zod";
import { contract } from "./contract";
import { After, listOf, pageSize } from "./read-input";
import { CappedCount, Instant, RowLedger, RunId, RunMode, RunStatus, TenantId } from "./values";

/** What a run of this tenant and mode usually takes: seconds of its past good runs, at most the last 50. */
export const Estimate = z.object({
  runs: z.number(),
  p50Seconds: z.number(),
  p90Seconds: z.number(),
  /** Share of past runs that were done in less time than this one has taken so far. */
  slowerThanPercent: z.number(),
});
export type Estimate = z.infer<typeof Estimate>;

/** A run in a list: its own facts and the sums of its tables. */
export const RunSummary = z.object({
  runId: RunId,
  tenantId: TenantId,
  tenantName: z.string(),
  mode: RunMode,
  status: RunStatus,
  tables: z.array(z.string()),
  trigger: z.string(),
  requestedBy: z.string(),
  createdAt: Instant,
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  heartbeatAt: Instant,
  cancelRequestedBy: z.string(),
  error: z.string(),
  /** The steps at work now, of tables in order; empty when none is. */
  steps: z.array(z.string()),
  attempt: z.number(),
  objectsTotal: z.number(),
  objectsDone: z.number(),
  bytesTotal: z.number(),
  rowsTotal: z.number(),
  rowsDone: z.number(),
  rowsPerSecond: z.number(),
  /** Where a queued run stands, from 1, in the order in which they are taken up; null for one that is not queued here. */
  queuePosition: z.number().nullable(),
  ledger: RowLedger,
});
export type RunSummary = z.infer<typeof RunSummary>;

export const RunInFlight = RunSummary.extend({ estimate: Estimate.nullable() });
export type RunInFlight = z.infer<typeof RunInFlight>;

export const RunsInFlightReply = z.object({
  asOf: Instant,
  rows: z.array(RunInFlight),
  total: z.number(),
});
export type RunsInFlightReply = z.infer<typeof RunsInFlightReply>;

/** One page of runs, newest first. `until` fixes its upper end, so that rows stay where they are. */
export const RunListReply = z.object({
  asOf: Instant,
  rows: z.array(RunSummary),
  matching: CappedCount,
  until: z.string().nullable(),
  /** Runs that match and are newer than `until`. */
  newer: CappedCount,
  next: z.string().nullable(),
});
export type RunListReply = z.infer<typeof RunListReply>;

export const RunTable = z.object({
  tableName: z.string(),
  status: RunStatus,
  step: z.string(),
  attempt: z.number(),
  objectsTotal: z.number(),
  objectsDone: z.number(),
  bytesTotal: z.number(),
  bytesDone: z.number(),
  rowsTotal: z.number(),
  rowsDone: z.number(),
  rowsPerSecond: z.number(),
  ledger: RowLedger,
  versions: z.number(),
  current: z.number(),
  startedAt: Instant.nullable(),
  finishedAt: Instant.nullable(),
  error: z.string(),
  /** What this table took in past good runs of the tenant and mode; null with fewer than five. */
  usualSeconds: z.number().nullable(),
});
export type RunTable = z.infer<typeof RunTable>;

/** One step of a table's batch and attempt; `tableName` is '' for steps of the run itself. */
export const RunStep = z.object({
  tableName: z.string(),
  attempt: z.number(),
  batch: z.number(),
  step: z.string(),
  status: RunStatus,
  startedAt: Instant,
  finishedAt: Instant.nullable(),
  error: z.string(),
});
export type RunStep = z.infer<typeof RunStep>;

export const RunReply = z.object({
  asOf: Instant,
  run: RunSummary,
  timeZone: z.string(),
  rejectThresholdPercent: z.number(),
  tables: z.array(RunTable),
  /** Oldest first. */
  steps: z.array(RunStep),
  /** Steps beyond the newest 5 000 are left out. */
  stepsCapped: z.boolean(),
  estimate: Estimate.nullable(),
  /** Past good runs of the tenant and mode, at most 50; with fewer than five there is no estimate. */
  pastRuns: z.number(),
});
export type RunReply = z.infer<typeof RunReply>;

/** From the lightest to the gravest. */
export const EVENT_LEVELS = ["info", "warn", "error"] as const;
export const EventLevel = z.enum(EVENT_LEVELS);
export type EventLevel = z.infer<typeof EventLevel>;

export const RunEvent = z.object({
  at: Instant,
  sequence: z.number(),
  tableName: z.string(),
  level: EventLevel,
  event: z.string(),
  message: z.string(),
  detail: z.string(),
});
export type RunEvent = z.infer<typeof RunEvent>;

/** A page of a run's events, newest first; `older` leads to the page before. */
export const RunEventsReply = z.object({
  asOf: Instant,
  rows: z.array(RunEvent),
  matching: CappedCount,
  older: z.string().nullable(),
});
export type RunEventsReply = z.infer<typeof RunEventsReply>;

export const ValidationSample = z.object({
  objectKey: z.string(),
  sourceRow: z.number(),
  entityId: z.string(),
  value: z.string(),
  message: z.string(),
});
export type ValidationSample = z.infer<typeof ValidationSample>;

/** One rule on one field of one table: how many rows were looked at, how many failed, a few that did. */
export const ValidationResult = z.object({
  runId: RunId,
  tableName: z.string(),
  rule: z.string(),
  field: z.string(),
  checked: z.number(),
  failed: z.number(),
  samples: z.array(ValidationSample),
});
export type ValidationResult = z.infer<typeof ValidationResult>;

export const ValidationReply = z.object({ asOf: Instant, rows: z.array(ValidationResult) });
export type ValidationReply = z.infer<typeof ValidationReply>;

export const runsInFlightContract = contract({
  method: "GET",
  path: "/api/v1/runs-in-flight",
  summary: "Runs that are not over",
  params: {},
  input: z.strictObject({}),
  reply: RunsInFlightReply,
});

/** `from` is included, `to` is not; both by the time a run was asked for. */
export const runsContract = contract({
  method: "GET",
  path: "/api/v1/runs",
  summary: "Runs, newest first",
  params: {},
  input: z.strictObject({
    status: listOf(RunStatus),
    tenant: listOf(TenantId),
    mode: RunMode.optional(),
    from: Instant.optional(),
    to: Instant.optional(),
    after: After,
    until: After,
    limit: pageSize(50),
  }),
  reply: RunListReply,
});

export const runContract = contract({
  method: "GET",
  path: "/api/v1/runs/[run]",
  summary: "One run with its tables and steps",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: RunReply,
});

export const runEventsContract = contract({
  method: "GET",
  path: "/api/v1/runs/[run]/events",
  summary: "A run's events, newest first",
  params: { run: "runId" },
  input: z.strictObject({
    runId: RunId,
    level: EventLevel.default("info"),
    table: z.string().max(200).default(""),
    search: z.string().max(200).default(""),
    before: After,
    limit: pageSize(100),
  }),
  reply: RunEventsReply,
});

export const runValidationContract = contract({
  method: "GET",
  path: "/api/v1/runs/[run]/validation",
  summary: "A run's validation results per rule",
  params: { run: "runId" },
  input: z.strictObject({ runId: RunId }),
  reply: ValidationReply,
});

export const tenantValidationContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/validation",
  summary: "Validation results of each table's newest batch",
  params: { tenant: "tenantId" },
  input: z.strictObject({ tenantId: TenantId }),
  reply: ValidationReply,
});
