import { type Delta, content, versionsOf, writeVersions } from "./merge";
import { measureStored, readStored } from "./stored-versions";
import { type TableWork, heavySettings, logTable, stagingTables } from "./table-work";

/** A version's identity and extent, comparable with = (NULL ends included). */
const EXTENT = "record_hash, ifNull(toUnixTimestamp64Milli(ends), -9000000000000000)";

/**
 * An object that was delivered again under its old key can have its rows at the same places. Joined by one number, which costs
 * a third of joining by the columns; that they are equal is asked after.
 */
function sameObservation(id: string): string {
  return `ON cityHash64(content.${id}, content.observed_at, content.source_row) = cityHash64(version.id, version.content_at, version.source_row)
WHERE content.${id} = version.id AND content.observed_at = version.content_at
  AND content.source_object = version.source_object AND content.source_row = version.source_row`;
}

/** Creates the empty table of versions to write. */
export async function createVersions(work: TableWork): Promise<void> {
  await work.db.command({
    name: "scd2.versions.create",
    sql: `CREATE OR REPLACE TABLE ${stagingTables(work).versions} (
  id String,
  starts DateTime64(3, 'UTC'),
  ends Nullable(DateTime64(3, 'UTC')),
  content_at DateTime64(3, 'UTC'),
  source_object LowCardinality(String),
  source_row UInt64,
  -- The content is in the batch; of the others it is in the log.
  is_fresh Bool
) ENGINE = MergeTree ORDER BY tuple()`,
  });
}

/**
 * Step 4b of an increment: the walk → the delta, those versions that are not stored as they should be, and tombstones for
 * stored ones that are no longer there.
 */
export async function mergeTouched(work: TableWork): Promise<Delta> {
  await readStored(work);
  const [{ size, nextRowVersion }] = await Promise.all([measureStored(work), listVersions(work)]);
  const [rows, tombstones] = await Promise.all([
    writeVersions(work, {
      rowVersion: nextRowVersion,
      from: `FROM (
  ${contentOfVersions(work)}
) AS content
INNER JOIN ${stagingTables(work).versions} AS version
  ${sameObservation(work.entity.idColumn)}`,
    }),
    writeTombstones(work, nextRowVersion),
  ]);
  return { rows: rows + tombstones, stored: size };
}

/** Whole records of the versions to write, from the batch and from the log; of the log little more is read than those. */
function contentOfVersions(work: TableWork): string {
  const { stage, versions } = stagingTables(work);
  const { entity } = work;
  const id = entity.idColumn;
  const among = (isFresh: string): string =>
    `(${id}, observed_at) IN (SELECT id, content_at FROM ${versions} WHERE ${isFresh})`;
  return `${content(entity, stage, { prewhere: among("is_fresh") })}
  UNION ALL
  ${content(entity, logTable(entity), {
    prewhere: `tenant_id = {tenant_id:String} AND ${among("NOT is_fresh")}`,
    // A staged object's rows may stand in the log already, after a crash between the two publishes.
    where:
      work.stagesRows === true
        ? ""
        : `AND source_object NOT IN (SELECT DISTINCT source_object FROM ${stage})`,
  })}
  -- A row that a run published again after a crash is there twice until the parts are merged.
  LIMIT 1 BY ${id}, observed_at, source_object, source_row`;
}

/** Writes down the versions that are not stored as they should be. */
async function listVersions(work: TableWork): Promise<void> {
  const { walk, stored, versions } = stagingTables(work);
  await work.db.command({
    name: "scd2.merge.versions",
    signal: work.signal,
    settings: heavySettings(work),
    sql: `INSERT INTO ${versions}
SELECT id, starts, ends, content_at, source_object, source_row, is_fresh FROM (${versionsOf(walk)})
WHERE (id, starts, ${EXTENT}) NOT IN (SELECT id, starts, ${EXTENT} FROM ${stored} WHERE NOT is_gone)`,
  });
}

async function writeTombstones(work: TableWork, rowVersion: number): Promise<number> {
  const { walk, stored, delta } = stagingTables(work);
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.tombstones",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId, row_version: rowVersion },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${work.entity.idColumn}, effective_start_date, is_current, is_deleted, row_version)
SELECT {tenant_id:String}, id, starts, false, 1, {row_version:UInt64}
FROM ${stored}
WHERE NOT is_gone AND (id, starts) NOT IN (SELECT id, at FROM ${walk} WHERE is_change AND NOT is_delete)`,
  });
  return writtenRows;
}
