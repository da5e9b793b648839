import { z } from "zod";
import { contract } from "./contract";
import { After, pageSize } from "./read-input";
import { CappedCount, Instant, RunId, RunStatus, TenantId } from "./values";

export const DEAD_LETTER_KINDS = ["record", "object", "run"] as const;
export const DeadLetterKind = z.enum(DEAD_LETTER_KINDS);
export type DeadLetterKind = z.infer<typeof DeadLetterKind>;

export const DEAD_LETTER_STATUSES = ["open", "replayed", "discarded", "superseded"] as const;
export const DeadLetterStatus = z.enum(DEAD_LETTER_STATUSES);
export type DeadLetterStatus = z.infer<typeof DeadLetterStatus>;

/** Failures that are alike. `hours` counts those first seen in each of the last 24 hours, oldest first. */
export const DeadLetterGroup = z.object({
  fingerprint: z.string(),
  cause: z.string(),
  /** A value that failed, cut at 60 characters; '' where there is none to show. */
  example: z.string(),
  kind: DeadLetterKind,
  tableName: z.string(),
  count: z.number(),
  tenants: z.number(),
  /** The tenant, where it is only one. */
  tenantName: z.string().nullable(),
  firstSeen: Instant,
  lastSeen: Instant,
  hours: z.array(z.number()),
  rising: z.boolean(),
  /** How failures of this cause ended before, whatever the filter says. */
  mended: z.number(),
  discarded: z.number(),
});
export type DeadLetterGroup = z.infer<typeof DeadLetterGroup>;

export const DeadLetterGroupsReply = z.object({
  asOf: Instant,
  rows: z.array(DeadLetterGroup),
  /** Sums over everything that matches, not over this page alone. */
  records: z.number(),
  groups: z.number(),
  tenants: z.number(),
  next: z.string().nullable(),
});
export type DeadLetterGroupsReply = z.infer<typeof DeadLetterGroupsReply>;

export const DeadLetterRow = z.object({
  id: z.string(),
  tenantId: TenantId,
  tenantName: z.string(),
  tableName: z.string(),
  kind: DeadLetterKind,
  status: DeadLetterStatus,
  entityId: z.string(),
  objectKey: z.string(),
  /** The first faulty value, cut at 200 characters. */
  value: z.string(),
  message: z.string(),
  firstSeen: Instant,
  lastSeen: Instant,
});
export type DeadLetterRow = z.infer<typeof DeadLetterRow>;

export const DeadLetterListReply = z.object({
  asOf: Instant,
  cause: z.string(),
  rows: z.array(DeadLetterRow),
  matching: CappedCount,
  /** Whose they are, the most first; at most 50 tenants. */
  tenants: z.array(z.object({ tenantId: TenantId, tenantName: z.string(), count: z.number() })),
  next: z.string().nullable(),
});
export type DeadLetterListReply = z.infer<typeof DeadLetterListReply>;

export const FieldError = z.object({
  field: z.string(),
  rule: z.string(),
  message: z.string(),
  value: z.string(),
});
export type FieldError = z.infer<typeof FieldError>;

export const DeadLetterItem = DeadLetterRow.extend({
  /** How an address names the entity; null where no id could be read. */
  entityKey: z.string().nullable(),
  runId: RunId,
  runStatus: RunStatus.nullable(),
  etag: z.string(),
  objectBytes: z.number().nullable(),
  objectRows: z.number().nullable(),
  sourceRow: z.number(),
  /** The record as it was delivered, cut at 200 000 characters; `rawBytes` is its whole length. */
  raw: z.string(),
  rawBytes: z.number(),
  errors: z.array(FieldError),
  fingerprint: z.string(),
  cause: z.string(),
  attempts: z.number(),
  /** How often a person had it tried again. */
  replays: z.number(),
  /** The edited record that was rejected last, '' where none was; cut like `raw`. */
  draft: z.string(),
  resolvedBy: z.string(),
  resolvedAt: Instant.nullable(),
  resolution: z.string(),
});
export type DeadLetterItem = z.infer<typeof DeadLetterItem>;

export const DeadLetterItemReply = z.object({ asOf: Instant, item: DeadLetterItem });
export type DeadLetterItemReply = z.infer<typeof DeadLetterItemReply>;

/** `status` is `open` unless another is asked for; `any` is all of them. */
const filter = {
  status: z.enum([...DEAD_LETTER_STATUSES, "any"]).default("open"),
  tenant: TenantId.optional(),
  table: z.string().max(200).optional(),
  kind: DeadLetterKind.optional(),
};

export const deadLetterGroupsContract = contract({
  method: "GET",
  path: "/api/v1/dlq",
  summary: "Dead letters grouped by cause, the largest group first",
  params: {},
  input: z.strictObject({ ...filter, after: After, limit: pageSize(50) }),
  reply: DeadLetterGroupsReply,
});

export const deadLettersContract = contract({
  method: "GET",
  path: "/api/v1/dlq/items",
  summary: "Dead letters, the last seen first",
  params: {},
  input: z.strictObject({
    ...filter,
    fingerprint: z.string().max(200).optional(),
    after: After,
    limit: pageSize(50),
  }),
  reply: DeadLetterListReply,
});

export const deadLetterContract = contract({
  method: "GET",
  path: "/api/v1/dlq/items/[id]",
  summary: "One dead letter with its record, errors and lineage",
  params: { id: "id" },
  input: z.strictObject({ id: z.string().min(1).max(200) }),
  reply: DeadLetterItemReply,
});
