import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, stagingTables } from "./table-work";

/** What the staging table holds of one object. */
export const StagedObject = z.object({
  source_object: z.string(),
  read: zCount,
  rejected: zCount,
  /** Extracts with rejected rows that have no readable id, ms UTC. */
  blind: z.array(zCount),
  /** The greatest time observed, ms UTC; null where nothing was. */
  watermark: zCount.nullable(),
});
export type StagedObject = z.infer<typeof StagedObject>;

/**
 * Reads the staging table once for all that is to be known of it: which objects spoke, what of each is rejected, how far they
 * reach.
 */
export async function readStaged(work: TableWork): Promise<StagedObject[]> {
  return work.db.rows(
    {
      name: "scd2.stage.objects",
      signal: work.signal,
      sql: `SELECT source_object, count() AS read, countIf(kind = 'rejected') AS rejected,
  groupUniqArrayIf(toUnixTimestamp64Milli(ifNull(extract_at, toDateTime64(0, 3, 'UTC'))), kind = 'rejected' AND empty(${work.entity.idColumn}) AND isNotNull(extract_at)) AS blind,
  maxOrNullIf(toUnixTimestamp64Milli(observed_at), kind != 'rejected') AS watermark
FROM ${stagingTables(work).stage} GROUP BY source_object`,
    },
    StagedObject,
  );
}
