import { content, wideColumns, writeVersions } from "./merge";
import { list } from "./sql-text";
import {
  type TableWork,
  heavySettings,
  historyTable,
  logTable,
  notStaged,
  stagedParams,
  stagingTables,
} from "./table-work";
import { isDerivedWhole } from "./touched";

/**
 * An object that was delivered again under its old key can have its rows at the same places. Joined by one number, which costs
 * a third of joining by the columns; that they are equal is asked after.
 */
function sameContent(id: string): string {
  return `ON cityHash64(content.${id}, content.place_at, content.place_row) = cityHash64(version.id, version.content_at, version.source_row)
WHERE content.${id} = version.id AND content.place_at = version.content_at
  AND content.place_object = version.source_object AND content.place_row = version.source_row`;
}

/** A row version that replaces every stored row of the entities, tombstones among them. */
function nextRowVersion(work: TableWork): string {
  return `(SELECT max(row_version) + 1 FROM ${stagingTables(work).versions})`;
}

/**
 * Step 4b of an increment, behind {@link compareVersions}: those versions that are not stored as they should be → the delta.
 *
 * @returns rows written
 */
export async function writeChanged(work: TableWork): Promise<number> {
  const { versions } = stagingTables(work);
  return writeVersions(work, {
    with: `${nextRowVersion(work)} AS next_row_version`,
    rowVersion: "next_row_version",
    params: stagedParams(work),
    from: `FROM (
  ${contentOfVersions(work)}
) AS content
INNER JOIN (SELECT * FROM ${versions} WHERE change = 'written') AS version
  ${sameContent(work.entity.idColumn)}`,
  });
}

/**
 * Whole records of the versions to write, with where the versions have them: from the batch, from the history's current rows,
 * and from the log; of the log little more is read than those.
 */
function contentOfVersions(work: TableWork): string {
  const { stage, versions } = stagingTables(work);
  const { entity } = work;
  const id = entity.idColumn;
  const written = (columns: string, place: string, where = ""): string =>
    `(SELECT ${columns} FROM ${versions} WHERE change = 'written' AND content_in = '${place}' ${where})`;
  const observed = (place: string): string =>
    `(${id}, observed_at) IN ${written("id, content_at", place)}`;
  const fromHistory = (
    table: string,
    where: string,
  ): string => `SELECT ${list(wideColumns(entity))},
    last_updated AS observed_at, record_hash, source_system, source_table, ingestion_timestamp, run_id, source_object, source_row,
    effective_start_date AS place_at, toLowCardinality('') AS place_object, toUInt64(0) AS place_row
  FROM ${table}
  ${where}
  LIMIT 1 BY ${id}, place_at`;
  return `SELECT *, observed_at AS place_at, source_object AS place_object, source_row AS place_row FROM (
    ${content(entity, stage, { prewhere: observed("batch") })}
    UNION ALL
    ${content(entity, logTable(entity), {
      prewhere: `tenant_id = {tenant_id:String} AND ${observed("log")}`,
      // A staged object's rows may stand in the log already, after a crash between the two publishes.
      where: work.stagesRows === true ? "" : `AND ${notStaged(work)}`,
    })}
    -- A row that a run published again after a crash is there twice until the parts are merged.
    LIMIT 1 BY ${id}, observed_at, source_object, source_row
  )
  UNION ALL
  ${fromHistory(
    historyTable(entity),
    // The row may have been replaced by one of the same start; the hash tells which is meant.
    `PREWHERE tenant_id = {tenant_id:String} AND is_current = 1
    AND (${id}, effective_start_date, record_hash) IN ${written("id, starts, record_hash", "current", isDerivedWhole(work, "id"))}`,
  )}
  ${work.fromCurrent === true ? `UNION ALL ${fromHistory(stagingTables(work).ending, "")}` : ""}`;
}

/** Tombstones for stored rows whose places are to be empty → the delta. @returns rows written */
export async function writeTombstones(work: TableWork): Promise<number> {
  const { versions, delta } = stagingTables(work);
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.tombstones",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${work.entity.idColumn}, effective_start_date, is_current, is_deleted, row_version)
SELECT {tenant_id:String}, id, starts, was_current, 1, ${nextRowVersion(work)}
FROM ${versions}
WHERE leaves`,
  });
  return writtenRows;
}
