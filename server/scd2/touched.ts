import { createLike } from "./staging-shape";
import { CREATION, type TableWork, heavySettings, historyTable, stagingTables } from "./table-work";

/**
 * Says of every entity of the batch whether its current version is all that has to be known of it: where all that the batch
 * has of it comes behind whatever was observed in the whole table before, or is the record that made that version, delivered
 * again. Nothing that was observed of such an entity since its version began can be anything but that version's record, and
 * nothing before it matters.
 *
 * @param watermark the newest observation of the table before the batch, ms UTC
 */
export async function findTouched(work: TableWork, watermark: number): Promise<void> {
  const { stage, touched } = stagingTables(work);
  const id = work.entity.idColumn;
  await work.db.command({
    name: "scd2.touched.create",
    settings: CREATION,
    sql: `CREATE OR REPLACE TABLE ${touched} (
  id String,
  from_current Bool,
  -- The batch has something of it that is not in its current version.
  may_end Bool,
  -- Of the current version, where there is one.
  starts DateTime64(3, 'UTC'),
  record_hash UInt128,
  source_object LowCardinality(String),
  source_row UInt64,
  row_version UInt64
) ENGINE = MergeTree ORDER BY tuple()`,
  });
  await work.db.command({
    name: "scd2.touched",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId, watermark },
    sql: `INSERT INTO ${touched}
SELECT staged.id,
  isNotNull(any(current.id)) AND min(
    staged.observed_at > fromUnixTimestamp64Milli({watermark:Int64}, 'UTC')
    OR ifNull(staged.kind = 'upsert' AND staged.observed_at = current.starts AND staged.record_hash = current.newest.2, false)) AS is_from_current,
  is_from_current AND max(staged.kind != 'upsert' OR staged.record_hash != current.newest.2),
  ifNull(any(current.starts), toDateTime64(0, 3, 'UTC')), any(current.newest.2), any(current.newest.3), any(current.newest.4),
  ifNull(any(current.newest_version), 0)
FROM (SELECT ${id} AS id, observed_at, kind, record_hash FROM ${stage} WHERE kind != 'rejected') AS staged
LEFT JOIN (
  SELECT ${id} AS id, argMax(effective_start_date, row_version) AS starts,
    argMax((is_deleted, record_hash, source_object, source_row), row_version) AS newest, max(row_version) AS newest_version
  FROM ${historyTable(work.entity)}
  PREWHERE tenant_id = {tenant_id:String} AND is_current = 1
    AND ${id} IN (SELECT ${id} FROM ${stage} WHERE kind != 'rejected')
  GROUP BY id
  HAVING NOT newest.1
) AS current ON staged.id = current.id
GROUP BY staged.id`,
  });
}

/** Copies the current rows that the batch may end, as {@link findTouched} found them, while what becomes of them is worked out. */
export async function takeEnding(work: TableWork): Promise<void> {
  const { touched, ending } = stagingTables(work);
  const history = historyTable(work.entity);
  await work.db.command({
    name: "scd2.ending.create",
    settings: CREATION,
    sql: createLike(ending, "history", work.entity),
  });
  await work.db.command({
    name: "scd2.ending",
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${ending} SELECT * FROM ${history}
PREWHERE tenant_id = {tenant_id:String} AND is_current = 1
  AND (${work.entity.idColumn}, effective_start_date, record_hash) IN (SELECT id, starts, record_hash FROM ${touched} WHERE may_end)`,
  });
}

/** A condition with AND before it: the entity is derived from all that was observed of it; '' where every one is. */
export function isDerivedWhole(work: TableWork, id = work.entity.idColumn): string {
  return work.fromCurrent === true ? `AND ${id} IN (${derivedWhole(work)})` : "";
}

/**
 * A condition with AND before it: the version is one that the batch can change; of an entity that is derived from it, the
 * current one. '' where every version is.
 */
export function isInReach(work: TableWork): string {
  return work.fromCurrent === true
    ? `AND (is_current = 1 OR ${work.entity.idColumn} IN (${derivedWhole(work)}))`
    : "";
}

function derivedWhole(work: TableWork): string {
  return `SELECT id FROM ${stagingTables(work).touched} WHERE NOT from_current`;
}

/** The current versions of entities that are derived from them, with the columns of `stored` (server/scd2/compared-versions.ts). */
export function currentAsStored(work: TableWork): string {
  return `SELECT id, starts, row_version AS newest_version,
  (CAST(NULL AS Nullable(DateTime64(3, 'UTC'))), record_hash, toUInt8(0), true) AS newest
FROM ${stagingTables(work).touched} WHERE from_current`;
}

/**
 * The current versions that stand for all that was observed of their entities, as observations, with the columns of
 * `delivered` (server/scd2/derive.ts). Of the same record delivered again the one that is stored counts.
 */
export function currentAsObserved(work: TableWork): string {
  return `SELECT id, starts AS observed_at, toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC') AS object_stamp, source_object, source_row,
  CAST('upsert' AS Enum8('upsert' = 0, 'delete' = 1, 'rejected' = 2)) AS kind, record_hash, NULL AS extract_at, false AS is_fresh
FROM ${stagingTables(work).touched} WHERE from_current`;
}
