import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, historyTable, stagingTables } from "./table-work";

/** Sizes of a tenant's history, or of a part of it. */
export const HistorySize = z.object({ entities: zCount, versions: zCount, current: zCount });
export type HistorySize = z.infer<typeof HistorySize>;

export const NO_HISTORY: HistorySize = { entities: 0, versions: 0, current: 0 };

export function addSizes(a: HistorySize, b: HistorySize): HistorySize {
  return combine(a, b, (x, y) => x + y);
}

export function subtractSizes(a: HistorySize, b: HistorySize): HistorySize {
  return combine(a, b, (x, y) => x - y);
}

function combine(
  a: HistorySize,
  b: HistorySize,
  join: (x: number, y: number) => number,
): HistorySize {
  return {
    entities: join(a.entities, b.entities),
    versions: join(a.versions, b.versions),
    current: join(a.current, b.current),
  };
}

/** Counts a tenant's whole history. */
export async function measureHistory(work: TableWork): Promise<HistorySize> {
  const { entity } = work;
  return work.db.row(
    {
      name: "scd2.size.history",
      signal: work.signal,
      params: { tenant_id: work.tenantId },
      sql: `SELECT uniqExact(${entity.idColumn}) AS entities, count() AS versions, countIf(is_current) AS current
FROM ${historyTable(entity)} FINAL WHERE tenant_id = {tenant_id:String}`,
    },
    HistorySize,
  );
}

const Touched = HistorySize.extend({ next_row_version: zCount });

/**
 * What is stored of the entities of the walk, read once: their sizes, and the row version that replaces every row of
 * theirs, tombstones among them.
 */
export async function measureTouched(
  work: TableWork,
): Promise<{ size: HistorySize; nextRowVersion: number }> {
  const { entity } = work;
  const { next_row_version, ...size } = await work.db.row(
    {
      name: "scd2.size.touched",
      signal: work.signal,
      params: { tenant_id: work.tenantId },
      sql: `SELECT uniqExactIf(id, NOT is_gone) AS entities, countIf(NOT is_gone) AS versions,
  countIf(NOT is_gone AND is_open) AS current, max(newest) + 1 AS next_row_version
FROM (
  SELECT ${entity.idColumn} AS id, max(row_version) AS newest,
    argMax(is_deleted, row_version) = 1 AS is_gone, argMax(is_current, row_version) AS is_open
  FROM ${historyTable(entity)}
  WHERE tenant_id = {tenant_id:String} AND ${entity.idColumn} IN (SELECT id FROM ${stagingTables(work).walk})
  GROUP BY id, effective_start_date
)`,
    },
    Touched,
  );
  return { size, nextRowVersion: next_row_version };
}
