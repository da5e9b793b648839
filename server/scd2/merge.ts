import type { Entity } from "@/lib/catalog";

import { type HistorySize, NO_HISTORY, measureTouched } from "./history-size";
import { type IdRange, inRange, rangeParams } from "./id-ranges";
import { list } from "./sql-text";
import { createLike } from "./staging-shape";
import { isAmple } from "./statement-memory";
import { type TableWork, heavySettings, historyTable, logTable, stagingTables } from "./table-work";

/** Creates the empty delta of a run, in the shape of the history. */
export async function createDelta(work: TableWork): Promise<void> {
  const { delta } = stagingTables(work);
  await work.db.command({
    name: "scd2.delta.create",
    sql: createLike(delta, "history", work.entity),
  });
}

/** The versions that the walk gives: each change to an upsert, up to the next change. */
export function versionsOf(walk: string): string {
  return `SELECT id, at AS starts, next_at AS ends, record_hash, content_at, source_object, source_row
FROM (
  SELECT *, leadInFrame(toNullable(at)) OVER (PARTITION BY id ORDER BY at ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_at
  FROM ${walk}
  WHERE is_change
)
WHERE NOT is_delete`;
}

/** A version's identity and extent, comparable with = (NULL ends included). */
const EXTENT = "record_hash, ifNull(toUnixTimestamp64Milli(ends), -9000000000000000)";

// Joined by one number, which costs a third of joining by the columns; that they are equal is asked after.

/** In one batch no two records stand at the same row of the same object. */
const SAME_ROW = `ON bitXor(cityHash64(content.source_object), content.source_row) = bitXor(cityHash64(version.source_object), version.source_row)
WHERE content.source_object = version.source_object AND content.source_row = version.source_row`;

/** In the log they do, where an object was delivered again under its old key. */
function sameObservation(id: string): string {
  return `ON cityHash64(content.${id}, content.observed_at, content.source_row) = cityHash64(version.id, version.content_at, version.source_row)
WHERE content.${id} = version.id AND content.observed_at = version.content_at
  AND content.source_object = version.source_object AND content.source_row = version.source_row`;
}

/**
 * Each part of the stage is read as one block and written as one: it has the order of the history already, so that nothing is
 * sorted a second time, which would cost a quarter of writing it.
 */
const WHOLE_PARTS = {
  max_block_size: 1_000_000,
  preferred_block_size_bytes: "200000000",
  merge_tree_min_rows_for_concurrent_read: "1000000000",
  merge_tree_min_bytes_for_concurrent_read: "1000000000000",
  max_joined_block_size_rows: "0",
};

/** What was written to the delta. */
export interface Delta {
  readonly rows: number;
  /** The size of what is stored of the touched entities. */
  readonly stored: HistorySize;
}

/** Step 4b of a bulk load: the walk → the delta, every version; what is stored does not matter. */
export async function mergeWhole(work: TableWork, ids: IdRange): Promise<Delta> {
  const { walk, stage } = stagingTables(work);
  const rows = await writeVersions(work, {
    rowVersion: 1,
    content: content(work.entity, stage, inRange(work.entity.idColumn, ids)),
    params: rangeParams(ids),
    versions: `(${versionsOf(walk)})`,
    on: SAME_ROW,
    settings: isAmple(work.maxMemoryBytes) ? WHOLE_PARTS : {},
  });
  return { rows, stored: NO_HISTORY };
}

/**
 * Step 4b of an increment: the walk → the delta, those versions that are not stored as they should be, and tombstones for
 * stored ones that are no longer there.
 */
export async function mergeTouched(work: TableWork): Promise<Delta> {
  const { stage, versions } = stagingTables(work);
  const { entity } = work;
  const id = entity.idColumn;
  const [{ size, nextRowVersion }] = await Promise.all([measureTouched(work), listVersions(work)]);
  const isListed = `${id} IN (SELECT id FROM ${versions})`;
  // A staged object's rows may stand in the log already, after a crash between the two publishes.
  const isStaged =
    work.stagesRows === true
      ? ""
      : `AND source_object NOT IN (SELECT DISTINCT source_object FROM ${stage})`;
  const [rows, tombstones] = await Promise.all([
    writeVersions(work, {
      rowVersion: nextRowVersion,
      content: `${content(entity, stage, `AND ${isListed}`)}
  UNION ALL
  ${content(entity, logTable(entity), `AND tenant_id = {tenant_id:String} AND ${isListed} ${isStaged}`)}
  -- A row that a run published again after a crash is there twice until the parts are merged.
  LIMIT 1 BY ${id}, observed_at, source_object, source_row`,
      versions,
      on: sameObservation(id),
    }),
    writeTombstones(work, nextRowVersion),
  ]);
  return { rows: rows + tombstones, stored: size };
}

/** Whole records of a table in the shape of the log. */
function content(entity: Entity, table: string, condition = ""): string {
  return `SELECT ${list(wideColumns(entity))}, observed_at, record_hash, source_system, source_table, ingestion_timestamp, run_id, source_object, source_row
  FROM ${table}
  WHERE kind = 'upsert' ${condition}`;
}

function wideColumns(entity: Entity): string[] {
  return [entity.idColumn, ...entity.columns.map((column) => column.name)];
}

async function writeVersions(
  work: TableWork,
  from: {
    readonly rowVersion: number;
    readonly content: string;
    readonly versions: string;
    readonly on: string;
    readonly params?: Readonly<Record<string, string>>;
    readonly settings?: Readonly<Record<string, string | number>>;
  },
): Promise<number> {
  const wide = list(wideColumns(work.entity));
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.rows",
    signal: work.signal,
    // The two conditions of the join must stay apart: see above.
    settings: {
      ...heavySettings(work),
      ...from.settings,
      query_plan_merge_filter_into_join_condition: 0,
    },
    params: { tenant_id: work.tenantId, row_version: from.rowVersion, ...from.params },
    sql: `INSERT INTO ${stagingTables(work).delta} (
  tenant_id, ${wide},
  effective_start_date, effective_end_date, is_current, record_hash,
  source_system, source_table, ingestion_timestamp, last_updated, run_id, source_object, source_row,
  is_deleted, row_version)
SELECT
  {tenant_id:String}, ${wide},
  version.starts, version.ends, isNull(version.ends), record_hash,
  source_system, source_table, ingestion_timestamp, observed_at, run_id, content.source_object, content.source_row,
  0, {row_version:UInt64}
FROM (
  ${from.content}
) AS content
INNER JOIN ${from.versions} AS version
  ${from.on}`,
  });
  return writtenRows;
}

async function writeTombstones(work: TableWork, rowVersion: number): Promise<number> {
  const { walk, delta } = stagingTables(work);
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.tombstones",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId, row_version: rowVersion },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${work.entity.idColumn}, effective_start_date, is_current, is_deleted, row_version)
SELECT {tenant_id:String}, id, starts, false, 1, {row_version:UInt64}
FROM (${storedVersions(work)})
WHERE (id, starts) NOT IN (SELECT id, starts FROM (${versionsOf(walk)}))`,
  });
  return writtenRows;
}

/** What is stored of the touched entities; its parameter is `tenant_id`. */
function storedVersions(work: TableWork): string {
  const id = work.entity.idColumn;
  return `SELECT ${id} AS id, effective_start_date AS starts, effective_end_date AS ends, record_hash
FROM ${historyTable(work.entity)} FINAL
WHERE tenant_id = {tenant_id:String} AND ${id} IN (SELECT id FROM ${stagingTables(work).walk})`;
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
  source_row UInt64
) ENGINE = MergeTree ORDER BY (id, starts)`,
  });
}

/** Writes down the versions that are not stored as they should be. */
async function listVersions(work: TableWork): Promise<void> {
  const { walk, versions } = stagingTables(work);
  await work.db.command({
    name: "scd2.merge.versions",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${versions}
SELECT id, starts, ends, content_at, source_object, source_row FROM (${versionsOf(walk)})
WHERE (id, starts, ${EXTENT}) NOT IN (SELECT id, starts, ${EXTENT} FROM (${storedVersions(work)}))`,
  });
}
