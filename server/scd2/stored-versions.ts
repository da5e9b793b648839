import { zCount } from "@/server/clickhouse/columns";

import { HistorySize } from "./history-size";
import { type TableWork, heavySettings, historyTable, stagingTables } from "./table-work";

/** Creates the empty table of stored versions. */
export async function createStored(work: TableWork): Promise<void> {
  await work.db.command({
    name: "scd2.stored.create",
    sql: `CREATE OR REPLACE TABLE ${stagingTables(work).stored} (
  id String,
  starts DateTime64(3, 'UTC'),
  ends Nullable(DateTime64(3, 'UTC')),
  record_hash UInt128,
  is_current Bool,
  -- A tombstone is the newest row here.
  is_gone Bool,
  row_version UInt64
) ENGINE = MergeTree ORDER BY tuple()`,
  });
}

/**
 * Reads what is stored of the entities of the walk, once: on a large table nothing else of a merge costs as much as finding
 * their rows. Grouping the few that are found costs a fraction of FINAL, which merges before it knows which are wanted.
 */
export async function readStored(work: TableWork): Promise<void> {
  const { walk, stored } = stagingTables(work);
  await work.db.command({
    name: "scd2.merge.stored",
    signal: work.signal,
    settings: {
      ...heavySettings(work),
      max_bytes_before_external_group_by: String(Math.floor(work.maxMemoryBytes / 2)),
    },
    params: { tenant_id: work.tenantId },
    sql: `INSERT INTO ${stored}
SELECT id, starts, newest.1, newest.2, newest.3, newest.4, newest_version
FROM (
  SELECT ${work.entity.idColumn} AS id, effective_start_date AS starts, max(row_version) AS newest_version,
    argMax((effective_end_date, record_hash, is_current, is_deleted), row_version) AS newest
  FROM ${historyTable(work.entity)}
  PREWHERE tenant_id = {tenant_id:String} AND ${work.entity.idColumn} IN (SELECT id FROM ${walk})
  GROUP BY id, starts
)`,
  });
}

const Stored = HistorySize.extend({ next_row_version: zCount });

/** The sizes of what is stored, and the row version that replaces every row of it, tombstones among them. */
export async function measureStored(
  work: TableWork,
): Promise<{ size: HistorySize; nextRowVersion: number }> {
  const { next_row_version, ...size } = await work.db.row(
    {
      name: "scd2.size.stored",
      signal: work.signal,
      sql: `SELECT uniqExactIf(id, NOT is_gone) AS entities, countIf(NOT is_gone) AS versions,
  countIf(NOT is_gone AND is_current) AS current, max(row_version) + 1 AS next_row_version
FROM ${stagingTables(work).stored}`,
    },
    Stored,
  );
  return { size, nextRowVersion: next_row_version };
}
