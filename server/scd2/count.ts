import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, heavySettings, historyTable, stagingTables } from "./table-work";

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

/**
 * What the batch's accepted rows did, counted from the walk. Rows that hold at their instant are judged by
 * what they do to the history; those that were overruled, or say what was known there, are duplicates.
 * `read` and `rejected` are left 0: they are counted where rows are read.
 */
export async function countEffects(
  work: TableWork,
  mode: "bulk" | "incremental",
): Promise<RowCounts> {
  const { walk } = stagingTables(work);
  const { entity } = work;
  const isKnown =
    mode === "bulk"
      ? "false"
      : `id IN (
    SELECT ${entity.idColumn} FROM ${historyTable(entity)} FINAL
    WHERE tenant_id = {tenant_id:String} AND ${entity.idColumn} IN (SELECT id FROM ${walk}))`;
  const counted = await work.db.row(
    {
      name: "scd2.count",
      signal: work.signal,
      settings: heavySettings(work),
      params: { tenant_id: work.tenantId },
      sql: `WITH
judged AS (
  SELECT *,
    is_change AND NOT is_delete AND at = first_start AND NOT (${isKnown}) AS opens_entity,
    is_fresh AND NOT is_revival AND (NOT had_former OR (former_is_delete, former_hash) != (is_delete, record_hash)) AS holds,
    multiIf(
      is_revival OR NOT holds, '',
      opens_entity, 'new',
      NOT is_delete, if(is_change OR had_former, 'changed', 'unchanged'),
      is_change OR (had_former AND NOT former_is_delete), 'deleted',
      'unchanged') AS effect
  FROM (
    SELECT *, minIf(at, is_change AND NOT is_delete) OVER (PARTITION BY id) AS first_start FROM ${walk}
  )
),
-- A row that an extract lists can bring its entity back though, at its own time, it says nothing new (R9).
revivals AS (
  SELECT revival.opens_entity AS opens_entity, ifNull(own.effect, '') AS own_effect
  FROM (SELECT * FROM judged WHERE is_revival AND is_change AND is_fresh) AS revival
  LEFT JOIN (SELECT * FROM judged WHERE NOT is_revival) AS own
    ON revival.id = own.id AND revival.content_at = own.at
      AND revival.source_object = own.source_object AND revival.source_row = own.source_row
)
SELECT
  (SELECT countIf(opens_entity AND own_effect IN ('', 'unchanged')) FROM revivals) AS revived_new,
  (SELECT countIf(NOT opens_entity AND own_effect IN ('', 'unchanged')) FROM revivals) AS revived_changed,
  (SELECT countIf(own_effect = '') FROM revivals) AS revived_duplicates,
  (SELECT countIf(own_effect = 'unchanged') FROM revivals) AS revived_unchanged,
  countIf(effect = 'new') + revived_new AS new,
  countIf(effect = 'changed') + revived_changed AS changed,
  countIf(effect = 'deleted') AS deleted,
  countIf(effect = 'unchanged') - revived_unchanged AS unchanged,
  sum(fresh_rows) - countIf(effect != '') - revived_duplicates AS duplicate
FROM judged`,
    },
    z.object({
      new: zCount,
      changed: zCount,
      deleted: zCount,
      unchanged: zCount,
      duplicate: zCount,
    }),
  );
  return { ...NO_ROWS, ...counted };
}
