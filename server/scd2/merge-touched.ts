import { content, writeVersions } from "./merge";
import {
  type TableWork,
  heavySettings,
  logTable,
  notStaged,
  stagedParams,
  stagingTables,
} from "./table-work";

/**
 * An object that was delivered again under its old key can have its rows at the same places. Joined by one number, which costs
 * a third of joining by the columns; that they are equal is asked after.
 */
function sameObservation(id: string): string {
  return `ON cityHash64(content.${id}, content.observed_at, content.source_row) = cityHash64(version.id, version.content_at, version.source_row)
WHERE content.${id} = version.id AND content.observed_at = version.content_at
  AND content.source_object = version.source_object AND content.source_row = version.source_row`;
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
  ${sameObservation(work.entity.idColumn)}`,
  });
}

/** Whole records of the versions to write, from the batch and from the log; of the log little more is read than those. */
function contentOfVersions(work: TableWork): string {
  const { stage, versions } = stagingTables(work);
  const { entity } = work;
  const id = entity.idColumn;
  const among = (isFresh: string): string =>
    `(${id}, observed_at) IN (SELECT id, content_at FROM ${versions} WHERE change = 'written' AND ${isFresh})`;
  return `${content(entity, stage, { prewhere: among("is_fresh") })}
  UNION ALL
  ${content(entity, logTable(entity), {
    prewhere: `tenant_id = {tenant_id:String} AND ${among("NOT is_fresh")}`,
    // A staged object's rows may stand in the log already, after a crash between the two publishes.
    where: work.stagesRows === true ? "" : `AND ${notStaged(work)}`,
  })}
  -- A row that a run published again after a crash is there twice until the parts are merged.
  LIMIT 1 BY ${id}, observed_at, source_object, source_row`;
}

/** Tombstones for stored versions that are no longer there → the delta. @returns rows written */
export async function writeTombstones(work: TableWork): Promise<number> {
  const { versions, delta } = stagingTables(work);
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.tombstones",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${work.entity.idColumn}, effective_start_date, is_current, is_deleted, row_version)
SELECT {tenant_id:String}, id, starts, false, 1, ${nextRowVersion(work)}
FROM ${versions}
WHERE change = 'gone'`,
  });
  return writtenRows;
}
