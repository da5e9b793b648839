import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, historyTable } from "./table-work";

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
