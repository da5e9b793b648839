import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type FailedAgain, type ReplayItems, itemsOf, replayParams } from "./replay-rows";
import { type TableWork, logTable, placeOf, stagingTables } from "./table-work";

const NOW_VERSION = "toUInt64(toUnixTimestamp64Micro(now64(6)))";
const PLACE = "tenant_id = {tenant_id:String} AND table_name = {table_name:String}";

/** The rows that failed again, as a SELECT of `failed_object`, `failed_row` and `reason`. */
const FAILED = `SELECT entry.1 AS failed_object, entry.2 AS failed_row, entry.3 AS reason
  FROM (SELECT arrayJoin(arrayZip(
    {failed_objects:Array(String)}, {failed_rows:Array(UInt64)}, {reasons:Array(String)})) AS entry)`;

function failedParams(failed: readonly FailedAgain[]): Record<string, unknown> {
  return {
    failed_objects: failed.map((row) => row.object_key),
    failed_rows: failed.map((row) => row.source_row),
    reasons: failed.map(({ errors }) =>
      errors.map((error) => `${error.field} ${error.message}`.trim()).join(", "),
    ),
  };
}

/**
 * Keeps what passes as mends, just before it is published: from here on every staging of these rows takes the mended
 * record in. A record whose object is not loaded yet is taken in with it.
 */
export async function keepMends(
  work: TableWork,
  items: ReplayItems,
  failed: readonly FailedAgain[],
): Promise<void> {
  await work.db.command({
    name: "scd2.replay.mends",
    params: { ...replayParams(work, items), ...failedParams(failed) },
    sql: `INSERT INTO mends (
  tenant_id, table_name, object_key, source_row, original_hash, payload, dead_letter_id, run_id, mended_by, mended_at, reason, version)
SELECT tenant_id, table_name, object_key, source_row, original_hash, payload, dead_letter_id, run_id, requested_by, now64(3), reason, ${NOW_VERSION}
FROM ${itemsOf(work, items)}
WHERE (object_key, source_row) NOT IN (SELECT failed_object, failed_row FROM (${FAILED}))`,
  });
}

/** Closes the dead letters of the records that the replay has published. */
export async function closeRecords(work: TableWork, items: ReplayItems): Promise<void> {
  await work.db.command({
    name: "scd2.replay.close",
    params: replayParams(work, items),
    sql: `INSERT INTO dead_letters
SELECT * EXCEPT (item_id, item_by) REPLACE (
  'replayed' AS status, item_by AS resolved_by, now64(3) AS resolved_at,
  concat('Taken in by replay ', {run_id:String}) AS resolution, '' AS draft,
  letter.replays + if(position(letter.resolution, {run_id:String}) > 0, 0, 1) AS replays,
  ${NOW_VERSION} AS version)
FROM (SELECT * FROM dead_letters FINAL WHERE ${PLACE} AND kind = 'record') AS letter
INNER JOIN (
  SELECT dead_letter_id AS item_id, requested_by AS item_by FROM ${itemsOf(work, items)}
  WHERE (object_key, source_row) IN (SELECT source_object, source_row FROM ${stagingTables(work).stage})
) AS item ON item.item_id = letter.dead_letter_id`,
  });
}

/** Counts the attempt on what failed again, says why, and keeps the record as it was tried for the next one. */
export async function noteFailed(
  work: TableWork,
  items: ReplayItems,
  failed: readonly FailedAgain[],
): Promise<void> {
  if (failed.length === 0) return;
  await work.db.command({
    name: "scd2.replay.note-failed",
    params: { ...replayParams(work, items), ...failedParams(failed) },
    sql: `INSERT INTO dead_letters
SELECT * EXCEPT (item_id, item_payload, item_reason) REPLACE (
  'open' AS status, now64(3) AS last_seen,
  concat('Failed again in replay ', {run_id:String}, ': ', item_reason) AS resolution,
  if(item_payload = letter.raw, letter.draft, item_payload) AS draft,
  letter.replays + if(position(letter.resolution, {run_id:String}) > 0, 0, 1) AS replays,
  letter.attempts + if(position(letter.resolution, {run_id:String}) > 0, 0, 1) AS attempts,
  ${NOW_VERSION} AS version)
FROM (SELECT * FROM dead_letters FINAL WHERE ${PLACE} AND kind = 'record') AS letter
INNER JOIN (
  SELECT dead_letter_id AS item_id, payload AS item_payload, failed.reason AS item_reason
  FROM ${itemsOf(work, items)} AS item
  INNER JOIN (${FAILED}) AS failed
    ON failed.failed_object = item.object_key AND failed.failed_row = item.source_row
) AS tried ON tried.item_id = letter.dead_letter_id`,
  });
}

/** Closes the dead letters of objects that the ledger has as done now. */
export async function closeObjects(work: TableWork, keys: readonly string[]): Promise<void> {
  const { tenantId, tableName, runId } = placeOf(work);
  await work.db.command({
    name: "scd2.replay.close-objects",
    params: { run_id: runId, tenant_id: tenantId, table_name: tableName, keys },
    sql: `INSERT INTO dead_letters
SELECT * EXCEPT (item_key, item_by) REPLACE (
  'replayed' AS status, item_by AS resolved_by, now64(3) AS resolved_at,
  concat('Taken in by replay ', {run_id:String}) AS resolution,
  letter.replays + 1 AS replays, ${NOW_VERSION} AS version)
FROM (
  SELECT * FROM dead_letters FINAL
  WHERE ${PLACE} AND kind = 'object' AND status = 'open' AND object_key IN {keys:Array(String)}
    AND object_key IN (SELECT object_key FROM objects FINAL WHERE ${PLACE} AND status = 'done' AND run_id = {run_id:String})
) AS letter
INNER JOIN (
  SELECT DISTINCT object_key AS item_key, requested_by AS item_by FROM replay_items FINAL
  WHERE run_id = {run_id:String} AND ${PLACE} AND kind = 'object'
) AS item ON item.item_key = letter.object_key`,
  });
}

/**
 * Takes back the mends of a replay that ended before they were published: what is not in the log is no mend. One that a
 * crash left between log and history is in the log, and stays.
 */
export async function withdrawMends(
  work: Pick<TableWork, "db" | "tenantId" | "runId" | "entity">,
): Promise<void> {
  const params = { tenant_id: work.tenantId, table_name: work.entity.name, run_id: work.runId };
  const lost = `${PLACE} AND run_id = {run_id:String} AND (object_key, source_row) NOT IN (
  SELECT source_object, source_row FROM ${logTable(work.entity)} WHERE tenant_id = {tenant_id:String} AND kind != 'rejected')`;
  const { found } = await work.db.row(
    {
      name: "scd2.replay.lost-mends",
      params,
      sql: `SELECT count() AS found FROM mends WHERE ${lost}`,
    },
    z.object({ found: zCount }),
  );
  if (found === 0) return;
  await work.db.command({
    name: "scd2.replay.withdraw",
    params,
    settings: { mutations_sync: "2", allow_nondeterministic_mutations: 1 },
    sql: `ALTER TABLE mends DELETE WHERE ${lost}`,
  });
}
