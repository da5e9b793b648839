import type { Entity } from "@/lib/catalog";

import { type HistorySize, NO_HISTORY } from "./history-size";
import { type IdRange, inRange, rangeParams } from "./id-ranges";
import { list } from "./sql-text";
import { createLike } from "./staging-shape";
import { isAmple } from "./statement-memory";
import { type TableWork, heavySettings, stagingTables } from "./table-work";

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
  return `SELECT id, at AS starts, next_at AS ends, record_hash, content_at, source_object, source_row, is_fresh
FROM (
  SELECT *, leadInFrame(toNullable(at)) OVER (PARTITION BY id ORDER BY at ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next_at
  FROM ${walk}
  WHERE is_change
)
WHERE NOT is_delete`;
}

/**
 * In one batch no two records stand at the same row of the same object. Joined by one number, which costs a third of joining by
 * the columns; that they are equal is asked after.
 */
const SAME_ROW = `ON bitXor(cityHash64(content.source_object), content.source_row) = bitXor(cityHash64(version.source_object), version.source_row)
WHERE content.source_object = version.source_object AND content.source_row = version.source_row`;

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
    content: content(work.entity, stage, { where: inRange(work.entity.idColumn, ids) }),
    params: rangeParams(ids),
    versions: `(${versionsOf(walk)})`,
    on: SAME_ROW,
    settings: isAmple(work.maxMemoryBytes) ? WHOLE_PARTS : {},
  });
  return { rows, stored: NO_HISTORY };
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

function wideColumns(entity: Entity): string[] {
  return [entity.idColumn, ...entity.columns.map((column) => column.name)];
}

/** Writes versions with their whole records to the delta. @returns rows written */
export async function writeVersions(
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
