import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { findTableFacts } from "@/server/clickhouse/table-facts";

import { type TableWork, historyTable, logTable, partition, stagingTables } from "./table-work";

/** Above this many parts a tenant's partition is merged before the run goes on: readers pay for parts. */
const PARTS_BOUND = 24;

/** Rows of the staging tables. */
interface StagedRows {
  readonly stage: number;
  readonly delta: number;
}

/** @throws where what ClickHouse is about to publish is not what was written (design.md §4) */
export async function confirmStaging(work: TableWork, written: StagedRows): Promise<void> {
  const tables = stagingTables(work);
  const [stage, delta] = await Promise.all(
    [tables.stage, tables.delta].map(async (name) => findTableFacts(work.db, name)),
  );
  const found = { stage: stage?.rows ?? 0, delta: delta?.rows ?? 0 };
  if (found.stage !== written.stage || found.delta !== written.delta) {
    throw new Error(
      `Staging holds ${found.stage} records and ${found.delta} version rows where ${written.stage} and ` +
        `${written.delta} were written. Nothing was published; load again.`,
    );
  }
}

/**
 * Step 5: the batch → the log, the delta → the history. Each is one atomic statement; a reader sees all of a
 * run in the history or none of it. The log goes first: a crash between the two is repaired by deriving again.
 */
export async function publish(
  work: TableWork,
  mode: "bulk" | "incremental",
  written: StagedRows,
): Promise<void> {
  const tables = stagingTables(work);
  const pairs = [
    { target: logTable(work.entity), source: tables.stage, rows: written.stage },
    { target: historyTable(work.entity), source: tables.delta, rows: written.delta },
  ];
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

/** A publish leaves one part more, so that not every publish needs to count them. */
const PUBLISHES_A_LOOK = 4;
const publishesSince = new WeakMap<Db, Map<string, number>>();

/** True for the first publish of this process into a tenant's table, and for every fourth from there. */
function isTimeToLook({ db, tenantId, entity }: TableWork): boolean {
  const publishes = publishesSince.get(db) ?? new Map<string, number>();
  publishesSince.set(db, publishes);
  const place = `${tenantId}/${entity.name}`;
  const before = publishes.get(place) ?? 0;
  publishes.set(place, (before + 1) % PUBLISHES_A_LOOK);
  return before === 0;
}

/** Merges the tenant's partitions where publishing has left more parts than readers should carry. */
export async function mergeParts(work: TableWork): Promise<void> {
  if (!isTimeToLook(work)) return;
  const crowded = await work.db.rows(
    {
      name: "scd2.count-parts",
      sql: `SELECT table FROM system.parts
WHERE database = currentDatabase() AND table IN {tables:Array(String)} AND partition = {partition:String} AND active
GROUP BY table
HAVING count() > ${PARTS_BOUND}`,
      params: {
        tables: [logTable(work.entity), historyTable(work.entity)],
        partition: work.tenantId,
      },
    },
    z.object({ table: z.enum([logTable(work.entity), historyTable(work.entity)]) }),
  );
  for (const { table } of crowded) {
    await work.db.command({
      name: "scd2.merge-parts",
      sql: `OPTIMIZE TABLE ${table} ${partition(work.tenantId)}`,
    });
  }
}
