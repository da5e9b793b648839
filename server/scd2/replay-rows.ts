import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { auditStage, recordResults } from "./audit";
import { type RowCounts, ledgerDifference } from "./count";
import { createMergeTables, mergeBatch } from "./merge-batch";
import { UnbalancedError } from "./prepare-batch";
import type { PreparedBatch } from "./prepared-batch";
import { heldRows } from "./raw-rows";
import type { Reporter } from "./reporter";
import { type BatchObject, createStage, stageRows } from "./stage";
import { readState } from "./table-state";
import { type TableWork, logTable, placeOf, stagingTables } from "./table-work";

/** Where the records of a replay are: a table in the shape of replay_items, and the run that they stand under there. */
export interface ReplayItems {
  readonly table: string;
  readonly runId: string;
}

/** A record that breaks a rule again. */
export const FailedAgain = z.object({
  object_key: z.string(),
  source_row: zCount,
  errors: z.array(
    z.object({ field: z.string(), rule: z.string(), message: z.string(), value: z.string() }),
  ),
});
export type FailedAgain = z.infer<typeof FailedAgain>;

/** Records that are staged and merged, and of which nothing can be seen yet. */
export interface PreparedReplay {
  readonly batch: PreparedBatch;
  readonly failed: readonly FailedAgain[];
}

/**
 * Which items are tried: records whose dead letter still holds what was chosen, and in whose place no other mend was taken
 * in meanwhile. Parameters: {@link replayParams}.
 */
export function itemsOf(work: TableWork, items: ReplayItems): string {
  const place = "tenant_id = {tenant_id:String} AND table_name = {table_name:String}";
  const chosen = `FROM ${items.table} FINAL WHERE run_id = {items_run:String} AND ${place} AND kind = 'record'`;
  return `(SELECT * ${chosen}
    AND (dead_letter_id, original_hash) IN (
      SELECT dead_letter_id, xxh3_128(raw) FROM dead_letters FINAL WHERE ${place} AND kind = 'record' AND status != 'superseded')
    AND ((object_key, source_row, payload) IN (SELECT object_key, source_row, payload FROM mends FINAL WHERE ${place})
      OR (object_key, source_row) NOT IN (
        SELECT source_object, source_row FROM ${logTable(work.entity)}
        WHERE tenant_id = {tenant_id:String} AND kind != 'rejected' AND source_object IN (SELECT object_key ${chosen}))))`;
}

/** The values of {@link itemsOf}. */
export function replayParams(work: TableWork, items: ReplayItems): Record<string, unknown> {
  const { tenantId, tableName, runId } = placeOf(work);
  return { tenant_id: tenantId, table_name: tableName, run_id: runId, items_run: items.runId };
}

/** The items' objects that are in the log, with their stamps and extracts: a replayed record keeps its place (R5). */
export async function loadedObjects(
  work: TableWork,
  items: ReplayItems,
): Promise<Pick<BatchObject, "key" | "stamp" | "extractAt">[]> {
  const rows = await work.db.rows(
    {
      name: "scd2.replay.objects",
      signal: work.signal,
      params: replayParams(work, items),
      sql: `SELECT toString(source_object) AS key, toUnixTimestamp64Milli(any(object_stamp)) AS stamp,
  any(toUnixTimestamp64Milli(extract_at)) AS extract
FROM ${logTable(work.entity)}
WHERE tenant_id = {tenant_id:String} AND source_object IN (SELECT object_key FROM ${itemsOf(work, items)})
GROUP BY key`,
    },
    z.object({ key: z.string(), stamp: zCount, extract: zCount.nullable() }),
  );
  return rows.map(({ key, stamp, extract }) => ({
    key,
    stamp,
    ...(extract === null ? {} : { extractAt: extract }),
  }));
}

/**
 * The first half of a replay: the chosen records → staged under their own object and row → validated → merged. It leaves
 * the run's staging tables; no table that anybody reads is changed. What breaks a rule again is counted and not kept.
 *
 * @param isDryRun writes no validation results, and takes log and history for agreed
 * @throws UnbalancedError, ClickHouseError
 */
export async function prepareReplay(
  given: TableWork,
  reporter: Pick<Reporter, "step">,
  number: number,
  items: ReplayItems,
  isDryRun = false,
): Promise<PreparedReplay> {
  const started = performance.now();
  const work: TableWork = { ...given, stagesRows: true };
  const objects = await reporter.step("discover", number, async () => loadedObjects(work, items));
  const held = heldRows(
    work.entity,
    `SELECT object_key AS source_object, source_row, payload AS line FROM ${itemsOf(work, items)}
  WHERE object_key IN {objects:Array(String)}`,
    replayParams(work, items),
  );
  const read = await reporter.step("stage", number, async () => {
    await createStage(work);
    return stageRows(work, held, objects);
  });
  const { failed, audit } = await reporter.step("audit", number, async () => {
    const totals = await auditStage(work, 0);
    if (!isDryRun) await recordResults(work, number, totals);
    if (totals.rejected === 0) return { failed: [], audit: totals };
    const again = await readFailed(work);
    // The log keeps what was delivered and what was mended, and no attempts.
    await createStage(work);
    await stageRows(work, held, objects, { acceptedOnly: true });
    return { failed: again, audit: totals };
  });
  const stageCount = read - failed.length;

  const before = await readState(work);
  const isSettled = isDryRun || before?.is_settled === true;
  const merged = await reporter.step("merge", number, async () => {
    await createMergeTables(work, "incremental");
    return mergeBatch(work, {
      mode: "incremental",
      stagedRows: stageCount,
      countedExtracts: await countedExtracts(work),
      newExtracts: [],
      isSettled,
      before,
    });
  });
  const counts: RowCounts = { ...merged.counts, read, rejected: failed.length };
  const difference = ledgerDifference(counts);
  if (difference !== 0) throw new UnbalancedError(counts, difference);
  return {
    failed,
    batch: {
      number,
      mode: "incremental",
      objects: [],
      staged: [],
      dead: [],
      stageRows: stageCount,
      deltaRows: merged.rows,
      counts,
      audit: { ...audit, blindExtracts: [] },
      isAuditRecorded: true,
      countedExtracts: [],
      blindExtracts: [],
      before: before ?? null,
      size: merged.size,
      isForAll: !isSettled || (before?.invariants_broken.length ?? 0) > 0,
      seconds: (performance.now() - started) / 1000,
    },
  };
}

async function readFailed(work: TableWork): Promise<FailedAgain[]> {
  return work.db.rows(
    {
      name: "scd2.replay.failed",
      signal: work.signal,
      sql: `SELECT toString(source_object) AS object_key, source_row,
  arrayMap(
    error -> CAST((error.1, error.2, error.3, error.4), 'Tuple(field String, rule String, message String, value String)'),
    errors) AS errors
FROM ${stagingTables(work).stage} WHERE kind = 'rejected'`,
    },
    FailedAgain,
  );
}

async function countedExtracts(work: TableWork): Promise<number[]> {
  const { tenantId, tableName } = placeOf(work);
  const rows = await work.db.rows(
    {
      name: "scd2.replay.extracts",
      signal: work.signal,
      params: { tenant_id: tenantId, table_name: tableName },
      sql: `SELECT toUnixTimestamp64Milli(extract_at) AS at FROM extracts FINAL
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND status = 'counted'`,
    },
    z.object({ at: zCount }),
  );
  return rows.map((row) => row.at);
}
