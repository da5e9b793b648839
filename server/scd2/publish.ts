import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, historyTable, logTable, partition, stagingTables } from "./table-work";

/** Above this many parts a tenant's partition is merged before the run goes on: readers pay for parts. */
const PARTS_BOUND = 24;

/**
 * Step 5: the batch → the log, the delta → the history. Each is one atomic statement; a reader sees all of a
 * run in the history or none of it. The log goes first: a crash between the two is repaired by deriving again.
 *
 * @throws where the delta that ClickHouse is about to publish is not the one that was written (design.md §4)
 */
export async function publish(
  work: TableWork,
  mode: "bulk" | "incremental",
  written: { readonly stage: number; readonly delta: number },
): Promise<void> {
  const tables = stagingTables(work);
  const pairs = [
    { target: logTable(work.entity), source: tables.stage, rows: written.stage },
    { target: historyTable(work.entity), source: tables.delta, rows: written.delta },
  ];
  for (const { source, rows } of pairs) {
    const found = await countRows(work, source);
    if (found !== rows) {
      throw new Error(
        `${source} holds ${found} rows where ${rows} were written. Nothing was published.`,
      );
    }
  }
  for (const { target, source, rows } of pairs) {
    await work.db.command({
      name: `scd2.publish.${mode}`,
      sql: publication(work.tenantId, mode, target, source, rows),
    });
  }
}

function publication(
  tenantId: string,
  mode: "bulk" | "incremental",
  target: string,
  source: string,
  rows: number,
): string {
  const part = partition(tenantId);
  if (mode === "incremental") return `ALTER TABLE ${target} ATTACH ${part} FROM ${source}`;
  return rows === 0
    ? `ALTER TABLE ${target} DROP ${part}`
    : `ALTER TABLE ${target} REPLACE ${part} FROM ${source}`;
}

/** Rows of a staging table as they lie there, equal keys not collapsed. */
export async function countRows(work: TableWork, table: string): Promise<number> {
  const { rows } = await work.db.row(
    { name: "scd2.count-rows", sql: `SELECT count() AS rows FROM ${table}` },
    z.object({ rows: zCount }),
  );
  return rows;
}

/** Merges the tenant's partitions where publishing has left more parts than readers should carry. */
export async function mergeParts(work: TableWork): Promise<void> {
  for (const table of [logTable(work.entity), historyTable(work.entity)]) {
    const { parts } = await work.db.row(
      {
        name: "scd2.count-parts",
        sql: `SELECT count() AS parts FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND partition = {partition:String} AND active`,
        params: { table, partition: work.tenantId },
      },
      z.object({ parts: zCount }),
    );
    if (parts <= PARTS_BOUND) continue;
    await work.db.command({
      name: "scd2.merge-parts",
      sql: `OPTIMIZE TABLE ${table} ${partition(work.tenantId)}`,
    });
  }
}
