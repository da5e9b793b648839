import { list } from "./sql-text";
import { type TableWork, heavySettings, historyTable, logTable, stagingTables } from "./table-work";

/** Creates the empty delta of a run, in the shape of the history. */
export async function createDelta(work: TableWork): Promise<void> {
  const { delta } = stagingTables(work);
  await work.db.command({
    name: "scd2.delta.create",
    sql: `CREATE OR REPLACE TABLE ${delta} AS ${historyTable(work.entity)}`,
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
 * Step 4b: the walk → the delta. A bulk load writes every version; an increment only those that are not
 * stored as they should be, and tombstones for stored ones that are no longer there.
 *
 * @param rowVersion greater than that of any stored row of the touched entities, so that new rows replace them
 * @returns rows written to the delta
 */
export async function mergeDelta(
  work: TableWork,
  mode: "bulk" | "incremental",
  rowVersion: number,
): Promise<number> {
  const { walk, delta, stage } = stagingTables(work);
  const { entity } = work;
  const id = entity.idColumn;
  const settings = heavySettings(work);
  const stored = `SELECT ${id} AS id, effective_start_date AS starts, effective_end_date AS ends, record_hash
FROM ${historyTable(entity)} FINAL
WHERE tenant_id = {tenant_id:String} AND ${id} IN (SELECT id FROM ${walk})`;
  // A bulk load writes every version and reads the walk for it once; an increment names its few versions first.
  const versions = mode === "bulk" ? `(${versionsOf(walk)})` : await listVersions(work, stored);

  const wide = [id, ...entity.columns.map((column) => column.name)];
  const content = (table: string, condition: string): string =>
    `SELECT ${wide.join(", ")}, observed_at, record_hash, source_system, source_table, ingestion_timestamp, run_id, source_object, source_row
  FROM ${table}
  WHERE kind = 'upsert' ${condition}`;
  const rows = await work.db.command({
    name: "scd2.merge.rows",
    signal: work.signal,
    // The two conditions must stay apart: see above.
    settings: { ...settings, query_plan_merge_filter_into_join_condition: 0 },
    params: { tenant_id: work.tenantId, row_version: rowVersion },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${list(wide)},
  effective_start_date, effective_end_date, is_current, record_hash,
  source_system, source_table, ingestion_timestamp, last_updated, run_id, source_object, source_row,
  is_deleted, row_version)
SELECT
  {tenant_id:String}, ${list(wide)},
  version.starts, version.ends, isNull(version.ends), record_hash,
  source_system, source_table, ingestion_timestamp, observed_at, run_id, content.source_object, content.source_row,
  0, {row_version:UInt64}
FROM (
  ${content(stage, mode === "bulk" ? "" : `AND ${id} IN (SELECT id FROM ${versions})`)}
${
  mode === "bulk"
    ? ""
    : `  UNION ALL
  ${content(
    logTable(entity),
    `AND tenant_id = {tenant_id:String} AND ${id} IN (SELECT id FROM ${versions})${
      work.stagesRows === true
        ? ""
        : `
    AND source_object NOT IN (SELECT DISTINCT source_object FROM ${stage})`
    }`,
  )}
  -- A row that a run published again after a crash is there twice until the parts are merged.
  LIMIT 1 BY ${id}, observed_at, source_object, source_row`
}
) AS content
INNER JOIN ${versions} AS version
  ${mode === "bulk" ? SAME_ROW : sameObservation(id)}`,
  });

  if (mode === "bulk") return rows.writtenRows;
  const tombstones = await work.db.command({
    name: "scd2.merge.tombstones",
    signal: work.signal,
    settings,
    params: { tenant_id: work.tenantId, row_version: rowVersion },
    sql: `INSERT INTO ${delta} (
  tenant_id, ${id}, effective_start_date, is_current, is_deleted, row_version)
SELECT {tenant_id:String}, id, starts, false, 1, {row_version:UInt64}
FROM (${stored})
WHERE (id, starts) NOT IN (SELECT id, starts FROM (${versionsOf(walk)}))`,
  });
  return rows.writtenRows + tombstones.writtenRows;
}

/**
 * Writes down the versions that are not stored as they should be.
 *
 * @param stored a SELECT of what is stored of the touched entities
 * @returns the table that lists them
 */
async function listVersions(work: TableWork, stored: string): Promise<string> {
  const { walk, versions } = stagingTables(work);
  await work.db.command({
    name: "scd2.versions.create",
    sql: `CREATE OR REPLACE TABLE ${versions} (
  id String,
  starts DateTime64(3, 'UTC'),
  ends Nullable(DateTime64(3, 'UTC')),
  content_at DateTime64(3, 'UTC'),
  source_object LowCardinality(String),
  source_row UInt64
) ENGINE = MergeTree ORDER BY (id, starts)`,
  });
  await work.db.command({
    name: "scd2.merge.versions",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${versions}
SELECT id, starts, ends, content_at, source_object, source_row FROM (${versionsOf(walk)})
WHERE (id, starts, ${EXTENT}) NOT IN (SELECT id, starts, ${EXTENT} FROM (${stored}))`,
  });
  return versions;
}
