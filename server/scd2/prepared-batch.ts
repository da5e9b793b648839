import { z } from "zod";

import { RowCounts } from "./count";
import type { BatchObject } from "./stage";
import { HistorySize } from "./history-size";

const StagedObject = z.object({
  key: z.string(),
  format: z.enum(["parquet", "ndjson", "csv"]),
  bytes: z.number(),
  etag: z.string(),
  lastModified: z.number(),
  stamp: z.number(),
  extractAt: z.number().exactOptional(),
}) satisfies z.ZodType<BatchObject>;

const FailedObject = z.object({
  key: z.string(),
  etag: z.string(),
  cause: z.string(),
  message: z.string(),
});

/** Rows of one object in the batch. */
const ObjectRows = z.object({ key: z.string(), read: z.number(), rejected: z.number() });
export type ObjectRows = z.infer<typeof ObjectRows>;

/**
 * A batch that is staged, audited and merged, and of which nothing can be seen yet: beside the run's staging tables all
 * that publishing needs. It outlives the process as JSON.
 */
export const PreparedBatch = z.object({
  number: z.number(),
  mode: z.enum(["bulk", "incremental"]),
  /** What was to be read. */
  objects: z.array(StagedObject),
  /** What was read: all but objects that could not be, and the rest of their extracts. */
  staged: z.array(StagedObject),
  /** Absent where the staging table is to be asked. */
  objectRows: z.array(ObjectRows).exactOptional(),
  dead: z.array(FailedObject),
  /** Rows of the staging tables. */
  stageRows: z.number(),
  deltaRows: z.number(),
  counts: RowCounts,
  /** The audit's totals; extracts in ms UTC. */
  audit: z.object({
    read: z.number(),
    rejected: z.number(),
    blindExtracts: z.array(z.number()),
    /** The greatest time observed in the batch, ms UTC. */
    watermark: z.number().nullable(),
    mended: z.number(),
  }),
  /** Whether validation results and dead letters are written down; where not, publishing does it. */
  isAuditRecorded: z.boolean(),
  /** ms UTC. */
  countedExtracts: z.array(z.number()),
  blindExtracts: z.array(z.number()),
  /** The table as it stood, and whether log and history were known to agree; null where there was none. */
  before: HistorySize.extend({
    watermark: z.number().nullable(),
    is_settled: z.boolean(),
    invariants_broken: z.array(z.string()),
  }).nullable(),
  /** The size of the whole history once this is published. */
  size: HistorySize,
  /** Whether the invariants are to be checked over the whole table. */
  isForAll: z.boolean(),
  /** Entities were derived from their current version alone where that is enough; what lies before it is as it was checked then. */
  fromCurrent: z.literal(true).exactOptional(),
  /** What preparing took. */
  seconds: z.number(),
});
export type PreparedBatch = z.infer<typeof PreparedBatch>;
