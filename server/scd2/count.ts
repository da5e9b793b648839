import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import type { HistorySize } from "./history-size";
import { type TableWork, heavySettings, stagingTables } from "./table-work";

/** The row ledger: every row read is exactly one of the other six. */
export const RowCounts = z.object({
  read: z.number(),
  /** Opens an entity's first version. */
  new: z.number(),
  /** Adds or alters a version. */
  changed: z.number(),
  /** A marker that closes or cuts a version. */
  deleted: z.number(),
  /** An observation of the state already in force. */
  unchanged: z.number(),
  /** Delivered before, or overruled by a tie. */
  duplicate: z.number(),
  rejected: z.number(),
});
export type RowCounts = z.infer<typeof RowCounts>;

export const NO_ROWS: RowCounts = {
  read: 0,
  new: 0,
  changed: 0,
  deleted: 0,
  unchanged: 0,
  duplicate: 0,
  rejected: 0,
};

export function addCounts(a: RowCounts, b: RowCounts): RowCounts {
  return {
    read: a.read + b.read,
    new: a.new + b.new,
    changed: a.changed + b.changed,
    deleted: a.deleted + b.deleted,
    unchanged: a.unchanged + b.unchanged,
    duplicate: a.duplicate + b.duplicate,
    rejected: a.rejected + b.rejected,
  };
}

/** What a ledger lacks: read less everything accounted for. 0 where it balances. */
export function ledgerDifference(counts: RowCounts): number {
  const { read, rejected, duplicate, unchanged, deleted, changed } = counts;
  return read - (counts.new + changed + deleted + unchanged + duplicate + rejected);
}

/** What countEffects reads from the walk. */
const Effects = z.object({
  new: zCount,
  changed: zCount,
  deleted: zCount,
  unchanged: zCount,
  duplicate: zCount,
  revivals: zCount,
  entities: zCount,
  versions: zCount,
  current: zCount,
  /** Entities, versions and current versions that are stored of them, and rows that are to leave their places. */
  stored: z.tuple([zCount, zCount, zCount, zCount]),
});

const NOTHING_STORED = "(0, 0, 0, 0)";

/**
 * What the batch's accepted rows did, counted from the walk. Rows that hold at their instant are judged by
 * what they do to the history; those that were overruled, or say what was known there, are duplicates.
 * `read` and `rejected` are left 0: they are counted where rows are read.
 *
 * @param isCompared whether the walk was held against what is stored
 * @returns the counts; the size that the walk gives to the history of the entities it covers, and the one that is stored of
 *   them; and how many stored rows are to leave their places
 */
export async function countEffects(
  work: TableWork,
  isCompared: boolean,
): Promise<{ counts: RowCounts; size: HistorySize; stored: HistorySize; leaving: number }> {
  const judged = judgedRows(work);
  const statement = {
    signal: work.signal,
    settings: heavySettings(work),
    params: { tenant_id: work.tenantId },
  };
  const { revivals, entities, versions, current, stored, ...counts } = await work.db.row(
    {
      ...statement,
      name: "scd2.count",
      sql: `SELECT
  countIf(effect = 'new') AS new,
  countIf(effect = 'changed') AS changed,
  countIf(effect = 'deleted') AS deleted,
  countIf(effect = 'unchanged') AS unchanged,
  sum(fresh_rows) - countIf(effect != '') AS duplicate,
  countIf(is_revival AND is_change AND is_fresh) AS revivals,
  countIf(is_change AND NOT is_delete AND at = first_start) AS entities,
  countIf(is_change AND NOT is_delete) AS versions,
  -- Every change of a living entity ends a version.
  versions - countIf(is_change AND was_alive) AS current,
  ${isCompared ? storedSizes(work) : NOTHING_STORED} AS stored
FROM (${judged})`,
    },
    Effects,
  );
  const sizes = {
    size: { entities, versions, current },
    stored: { entities: stored[0], versions: stored[1], current: stored[2] },
    leaving: stored[3],
  };
  if (revivals === 0) return { counts: { ...NO_ROWS, ...counts }, ...sizes };

  // A row that an extract lists can bring its entity back though, at its own time, it says nothing new (R9).
  const revived = await work.db.rows(
    {
      ...statement,
      name: "scd2.count.revivals",
      sql: `SELECT toBool(revival.opens_entity) AS opens_entity, toBool(ifNull(own.effect, '') = 'unchanged') AS was_unchanged, count() AS rows
FROM (SELECT * FROM (${judged}) WHERE is_revival AND is_change AND is_fresh) AS revival
LEFT JOIN (SELECT * FROM (${judged}) WHERE NOT is_revival) AS own
  ON revival.id = own.id AND revival.content_at = own.at
    AND revival.source_object = own.source_object AND revival.source_row = own.source_row
WHERE ifNull(own.effect, '') IN ('', 'unchanged')
GROUP BY opens_entity, was_unchanged`,
    },
    z.object({ opens_entity: z.boolean(), was_unchanged: z.boolean(), rows: zCount }),
  );
  const total = { ...NO_ROWS, ...counts };
  for (const { opens_entity, was_unchanged, rows } of revived) {
    total[opens_entity ? "new" : "changed"] += rows;
    total[was_unchanged ? "unchanged" : "duplicate"] -= rows;
  }
  return { counts: total, ...sizes };
}

function storedSizes(work: TableWork): string {
  return `(SELECT (uniqExactIf(id, was_stored), countIf(was_stored), countIf(was_current), countIf(leaves)) FROM ${stagingTables(work).versions})`;
}

/**
 * The walk with the effect of the row that holds at each instant; '' where no row of the batch does. Whether an entity
 * was known is read from the walk and not from the history, which a crash may have left with this batch in it.
 */
function judgedRows(work: TableWork): string {
  const { walk } = stagingTables(work);
  return `SELECT *,
  is_change AND NOT is_delete AND at = first_start AND NOT is_known AS opens_entity,
  multiIf(
    is_revival OR NOT is_fresh OR (had_former AND (former_is_delete, former_hash) = (is_delete, record_hash)), '',
    opens_entity, 'new',
    NOT is_delete, if(is_change OR had_former, 'changed', 'unchanged'),
    is_change OR (had_former AND NOT former_is_delete), 'deleted',
    'unchanged') AS effect
FROM (
  SELECT *,
    minIf(at, is_change AND NOT is_delete) OVER (PARTITION BY id) AS first_start,
    max((had_former AND NOT former_is_delete) OR (is_revival AND NOT is_fresh)) OVER (PARTITION BY id) AS is_known
  FROM ${walk}
)`;
}
