import type { Entity } from "@/lib/catalog";

import { type IdRange, inRange, rangeParams } from "./id-ranges";
import { lines, list } from "./sql-text";
import { createLike } from "./staging-shape";
import { isAmple } from "./statement-memory";
import { CREATION, type TableWork, heavySettings, stagingTables } from "./table-work";

/** Creates the empty delta of a run, in the shape of the history. */
export async function createDelta(work: TableWork): Promise<void> {
  const { delta } = stagingTables(work);
  await work.db.command({
    name: "scd2.delta.create",
    settings: CREATION,
    sql: createLike(delta, "history", work.entity),
  });
}

/** The versions that the walk gives: each change to an upsert, up to the next change. */
export function versionsOf(walk: string): string {
  return `SELECT id, at AS starts, next_at AS ends, record_hash, content_at, source_object, source_row, is_fresh
FROM (
  SELECT *, leadInFrame(toNullable(at)) OVER (PARTITION BY id ORDER BY at ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_at
  FROM ${walk}
  WHERE is_change
)
WHERE NOT is_delete`;
}

/** A row's place in its batch as one number: which of the objects, and which row of it. */
const PLACE =
  "bitOr(bitShiftLeft(toUInt64(transform(source_object, objects, arrayEnumerate(objects), 0)), 40), source_row)";

/**
 * The content of the stage with the version that each row makes, where it makes one. The ends are looked up and nothing is
 * copied: a row makes one version at most, for only an extract's listing can bring its row back at another time (R9).
 */
function oneVersionARow(staged: string, versions: string): string {
  return `FROM (
  SELECT *, ${PLACE} AS place FROM (
    ${staged}
  )
) AS content
ANY LEFT JOIN (
  SELECT ${PLACE} AS place, ends FROM (${versions})
) AS version ON content.place = version.place
WHERE isNotNull(version.place)`;
}

/**
 * As {@link oneVersionARow}, where a row can make several versions. Joined by one number, which costs a third of joining by the
 * columns; that they are equal is asked after.
 */
function versionsARow(staged: string, versions: string): string {
  return `FROM (
  ${staged}
) AS content
INNER JOIN (${versions}) AS version
  ON bitXor(cityHash64(content.source_object), content.source_row) = bitXor(cityHash64(version.source_object), version.source_row)
WHERE content.source_object = version.source_object AND content.source_row = version.source_row`;
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

/**
 * Step 4b of a bulk load: the walk → the delta, every version; what is stored does not matter.
 *
 * @param hasExtracts whether a row can make more than one version
 * @returns rows written
 */
export async function mergeWhole(
  work: TableWork,
  ids: IdRange,
  hasExtracts: boolean,
): Promise<number> {
  const { walk, stage } = stagingTables(work);
  const staged = content(work.entity, stage, { where: inRange(work.entity.idColumn, ids) });
  return writeVersions(work, {
    rowVersion: "1",
    params: rangeParams(ids),
    settings: isAmple(work.maxMemoryBytes) ? WHOLE_PARTS : {},
    ...(hasExtracts
      ? { from: versionsARow(staged, versionsOf(walk)) }
      : {
          with: `(SELECT groupUniqArray(toString(source_object)) FROM ${walk}) AS objects`,
          // Without extracts a version starts when its observation was made.
          starts: "observed_at",
          from: oneVersionARow(staged, versionsOf(walk)),
        }),
  });
}

/** Whole records of a table in the shape of the log. The condition of PREWHERE is asked before anything else is read. */
export function content(
  entity: Entity,
  table: string,
  { prewhere, where = "" }: { readonly prewhere?: string; readonly where?: string } = {},
): string {
  return `SELECT ${list(wideColumns(entity))}, observed_at, record_hash, source_system, source_table, ingestion_timestamp, run_id, source_object, source_row
  FROM ${table}${prewhere === undefined ? "" : `\n  PREWHERE ${prewhere}`}
  WHERE kind = 'upsert' ${where}`;
}

/** The id and the business columns. */
export function wideColumns(entity: Entity): string[] {
  return [entity.idColumn, ...entity.columns.map((column) => column.name)];
}

/**
 * Writes versions with their whole records to the delta.
 *
 * @param from `from` gives whole records (`content`) with `version.ends`, `starts` says where their starts are, and
 *   `rowVersion` is what they get as theirs, in SQL
 * @returns rows written
 */
export async function writeVersions(
  work: TableWork,
  {
    rowVersion,
    from,
    starts = "version.starts",
    with: aliases,
    params = {},
    settings = {},
  }: {
    readonly rowVersion: string;
    readonly from: string;
    readonly starts?: string;
    readonly with?: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly settings?: Readonly<Record<string, string | number>>;
  },
): Promise<number> {
  const wide = list(wideColumns(work.entity));
  const { writtenRows } = await work.db.command({
    name: "scd2.merge.rows",
    signal: work.signal,
    settings: {
      ...heavySettings(work),
      ...settings,
      // The two conditions of a join by one number must stay apart, or it is joined by the columns.
      query_plan_merge_filter_into_join_condition: 0,
    },
    params: { tenant_id: work.tenantId, ...params },
    sql: lines(
      `INSERT INTO ${stagingTables(work).delta} (
  tenant_id, ${wide},
  effective_start_date, effective_end_date, is_current, record_hash,
  source_system, source_table, ingestion_timestamp, last_updated, run_id, source_object, source_row,
  is_deleted, row_version)`,
      aliases !== undefined && `WITH ${aliases}`,
      `SELECT
  {tenant_id:String}, ${wide},
  ${starts}, version.ends, isNull(version.ends), record_hash,
  source_system, source_table, ingestion_timestamp, observed_at, run_id, content.source_object, content.source_row,
  0, ${rowVersion}`,
      from,
    ),
  });
  return writtenRows;
}
