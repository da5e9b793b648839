import { z } from "zod";

import { unlessAborted } from "@/server/clickhouse/abortable";
import { gathered } from "@/server/clickhouse/gathered";

import { heldRows } from "./raw-rows";
import { type BatchObject, stageRows } from "./stage";
import { IN_PLACES, InPlace, type TablePlace, isAt, placesParams } from "./table-place";
import { type TableWork, placeOf, stagingTables } from "./table-work";

const PLACE = "tenant_id = {tenant_id:String} AND table_name = {table_name:String}";

function params(work: TableWork): Record<string, unknown> {
  const { tenantId, tableName, runId } = placeOf(work);
  return { tenant_id: tenantId, table_name: tableName, run_id: runId };
}

/** Keys of the objects of which records were mended. */
export async function mendedObjects(work: TableWork): Promise<ReadonlySet<string>> {
  return unlessAborted(MENDED, work.signal, findMended(work.db, placeOf(work)));
}

const MENDED = "scd2.mends.objects";

const findMended = gathered<TablePlace, ReadonlySet<string>>(async (db, places) => {
  const rows = await db.rows(
    {
      name: MENDED,
      params: placesParams(places),
      sql: `SELECT DISTINCT tenant_id, table_name, object_key FROM mends WHERE ${IN_PLACES}`,
    },
    InPlace.extend({ object_key: z.string() }),
  );
  return places.map(
    (place) => new Set(rows.filter((row) => isAt(place, row)).map((row) => row.object_key)),
  );
});

/**
 * Lays the mends over a batch that was just staged: behind each rejected row that was mended, and that lies in its object
 * as it did then, its mended observation is staged too. The rejected row stays, as it does in the log where the mend came
 * later: the log is a function of the store and the mends.
 *
 * @param staged the batch's objects
 * @param keys what {@link mendedObjects} gives
 * @returns rows added
 */
export async function overlayMends(
  work: TableWork,
  staged: readonly BatchObject[],
  keys: ReadonlySet<string>,
): Promise<number> {
  const objects = staged.filter((object) => keys.has(object.key));
  if (objects.length === 0) return 0;
  const held = `SELECT object_key AS source_object, source_row, payload AS line
FROM mends FINAL
WHERE ${PLACE} AND object_key IN {objects:Array(String)} AND (object_key, source_row, original_hash) IN (
  SELECT source_object, source_row, xxh3_128(raw) FROM ${stagingTables(work).stage} WHERE kind = 'rejected')`;
  // A mend that the rules no longer let through leaves its record rejected.
  return stageRows(work, heldRows(work.entity, held, params(work)), objects, {
    acceptedOnly: true,
  });
}

/**
 * A condition, over the staging table: this is a rejected row behind which its mended observation stands. Its parameters
 * are `tenant_id` and `table_name`.
 */
export function isMended(work: TableWork): string {
  const { stage } = stagingTables(work);
  return `(kind = 'rejected' AND (source_object, source_row) IN (
    SELECT source_object, source_row FROM ${stage}
    WHERE kind != 'rejected' AND (source_object, source_row) IN (SELECT object_key, source_row FROM mends WHERE ${PLACE})))`;
}

/** Closes the dead letters of records that a load took in mended, such as those that had waited for their object. */
export async function closeMended(work: TableWork): Promise<void> {
  await work.db.command({
    name: "scd2.mends.close",
    params: params(work),
    sql: `INSERT INTO dead_letters
SELECT letter.* REPLACE (
  'replayed' AS status, mend.mended_by AS resolved_by, now64(3) AS resolved_at,
  concat('Taken in mended by run ', {run_id:String}) AS resolution,
  toUInt64(toUnixTimestamp64Micro(now64(6))) AS version)
FROM (SELECT * FROM dead_letters FINAL WHERE ${PLACE} AND kind = 'record' AND status IN ('open', 'superseded')) AS letter
INNER JOIN (SELECT object_key, source_row, mended_by FROM mends FINAL WHERE ${PLACE}) AS mend
  ON mend.object_key = letter.object_key AND mend.source_row = letter.source_row
WHERE (letter.object_key, letter.source_row) IN (
  SELECT source_object, source_row FROM ${stagingTables(work).stage} WHERE ${isMended(work)})`,
  });
}
