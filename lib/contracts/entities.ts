import { z } from "zod";
import { contract } from "./contract";
import { After, pageSize } from "./read-input";
import { Instant, RunId, RunStatus, TenantId } from "./values";

/** An entity found by its id or among the newest changes. */
export const EntityHit = z.object({
  id: z.string(),
  /** The part of an address that names it. */
  key: z.string(),
  title: z.string().nullable(),
  versions: z.number(),
  isDeleted: z.boolean(),
  changedAt: Instant,
});
export type EntityHit = z.infer<typeof EntityHit>;

export const EntitySearchReply = z.object({
  asOf: Instant,
  tableName: z.string(),
  query: z.string(),
  rows: z.array(EntityHit),
  next: z.string().nullable(),
});
export type EntitySearchReply = z.infer<typeof EntitySearchReply>;

/** A business value as it is shown: decimals as text, instants in ISO, a database null as null. */
export const EntityValue = z.union([z.string(), z.number(), z.null()]);
export type EntityValue = z.infer<typeof EntityValue>;

/** One version. `changed` names the columns that differ from the version before; empty for the first. */
export const EntityVersion = z.object({
  number: z.number(),
  start: Instant,
  end: Instant.nullable(),
  isCurrent: z.boolean(),
  values: z.record(z.string(), EntityValue),
  changed: z.array(z.string()),
  /** Columns whose text is longer than what is in `values`. */
  cut: z.array(z.string()),
  recordHash: z.string(),
  lastUpdated: Instant,
  ingestedAt: Instant,
  sourceSystem: z.string(),
  runId: RunId,
  sourceObject: z.string(),
  sourceRow: z.number(),
});
export type EntityVersion = z.infer<typeof EntityVersion>;

/** An entity's history, oldest version first; at most the newest 500 versions. */
export const EntityHistoryReply = z.object({
  asOf: Instant,
  tenantId: TenantId,
  tenantName: z.string(),
  timeZone: z.string(),
  tableName: z.string(),
  id: z.string(),
  key: z.string(),
  title: z.string().nullable(),
  columns: z.array(z.string()),
  versions: z.array(EntityVersion),
  total: z.number(),
  /** Names of the invariants that do not hold for this entity; empty when all hold. */
  broken: z.array(z.string()),
  invariants: z.number(),
});
export type EntityHistoryReply = z.infer<typeof EntityHistoryReply>;

/** Where a version came from: the run that wrote it and the object its content was read from. */
export const LineageReply = z.object({
  run: z
    .object({
      runId: RunId,
      mode: z.string(),
      status: RunStatus,
      startedAt: Instant.nullable(),
      finishedAt: Instant.nullable(),
    })
    .nullable(),
  object: z
    .object({
      key: z.string(),
      etag: z.string(),
      bytes: z.number(),
      rows: z.number(),
      stamp: Instant,
      status: z.string(),
    })
    .nullable(),
});
export type LineageReply = z.infer<typeof LineageReply>;

/** A record as it was delivered, cut at 50 000 characters; without text, why it cannot be shown. */
export const RawRecordReply = z.object({
  text: z.string().nullable(),
  bytes: z.number(),
  why: z
    .enum([
      "not in the ledger",
      "gone from the store",
      "replaced in the store",
      "not in the object",
      "the store cannot be read",
    ])
    .nullable(),
});
export type RawRecordReply = z.infer<typeof RawRecordReply>;

export const rawRecordContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/tables/[table]/record",
  summary: "The record that a version was made of, read again from its object",
  params: { tenant: "tenantId", table: "table" },
  input: z.strictObject({
    tenantId: TenantId,
    table: z.string().max(200),
    objectKey: z.string().max(2_000),
    row: z.coerce.number().int().min(1),
  }),
  reply: RawRecordReply,
});

export const entitySearchContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/entities/[table]",
  summary: "Records by the beginning of their id, or the newest changes",
  params: { tenant: "tenantId", table: "table" },
  input: z.strictObject({
    tenantId: TenantId,
    table: z.string().max(200),
    query: z.string().max(20_000).default(""),
    after: After,
    limit: pageSize(50),
  }),
  reply: EntitySearchReply,
});

export const entityHistoryContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/entities/[table]/[id]",
  summary: "All versions of one record",
  params: { tenant: "tenantId", table: "table", id: "key" },
  input: z.strictObject({
    tenantId: TenantId,
    table: z.string().max(200),
    key: z.string().max(20_000),
  }),
  reply: EntityHistoryReply,
});

export const lineageContract = contract({
  method: "GET",
  path: "/api/v1/tenants/[tenant]/tables/[table]/lineage",
  summary: "The run and the object that a version names",
  params: { tenant: "tenantId", table: "table" },
  input: z.strictObject({
    tenantId: TenantId,
    table: z.string().max(200),
    runId: RunId,
    objectKey: z.string().max(2_000),
  }),
  reply: LineageReply,
});
