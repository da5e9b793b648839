import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { NO_ROWS, addCounts } from "./count";
import { type LoadLimits, type LoadOutcome, loadTable } from "./load-table";
import { nextBatch } from "./object-ledger";
import { publishBatch } from "./publish-batch";
import { closeObjects, closeRecords, keepMends, noteFailed } from "./replay-letters";
import { type ReplayItems, prepareReplay } from "./replay-rows";
import type { Reporter } from "./reporter";
import type { TableWork } from "./table-work";

/**
 * A table's part of a replay: its objects are tried again by an increment limited to them, then its records are staged in
 * their own place, validated, merged and published like any batch. Doing it again after a crash gives the same rows.
 *
 * @throws what {@link loadTable} and the publish throw
 */
export async function replayTable(
  work: TableWork,
  reporter: Reporter,
  limits: LoadLimits,
): Promise<LoadOutcome> {
  const items: ReplayItems = { table: "replay_items", runId: work.runId };
  const asked = await readAsked(work);
  let outcome: LoadOutcome = { counts: NO_ROWS, deadObjects: 0, violations: [], more: false };
  if (asked.objects.length > 0) {
    outcome = await loadTable(work, "incremental", reporter, {
      ...limits,
      onlyObjects: new Set(asked.objects),
    });
    if (outcome.more) return outcome;
    await closeObjects(work, asked.objects);
  }
  if (asked.records === 0) return outcome;

  const number = await nextBatch(work);
  const prepared = await prepareReplay(work, reporter, number, items);
  const violations = await publishBatch(
    { ...work, stagesRows: true },
    withBefore(reporter, async () => keepMends(work, items, prepared.failed)),
    prepared.batch,
  );
  await closeRecords(work, items);
  await noteFailed(work, items, prepared.failed);
  const waiting = asked.records - prepared.batch.counts.read;
  if (waiting > 0) {
    reporter.event(
      "warn",
      "records_left",
      `${waiting} of ${asked.records} records were left out. Their object is not loaded yet, and then they are taken in ` +
        `with it; or they were delivered anew or mended by another replay since they were chosen.`,
    );
  }
  const counts = addCounts(outcome.counts, prepared.batch.counts);
  reporter.progress({
    objectsTotal: asked.objects.length,
    objectsDone: asked.objects.length,
    bytesTotal: 0,
    bytesDone: 0,
    rowsTotal: counts.read,
    rowsDone: counts.read,
    counts,
  });
  if (prepared.failed.length > 0) {
    reporter.event(
      "warn",
      "records_failed_again",
      `${prepared.failed.length} of ${prepared.batch.counts.read} records failed again and stay open.`,
    );
  }
  return {
    counts,
    deadObjects: outcome.deadObjects,
    violations: [...outcome.violations, ...violations],
    more: false,
  };
}

async function readAsked(work: TableWork): Promise<{ records: number; objects: string[] }> {
  return work.db.row(
    {
      name: "scd2.replay.asked",
      signal: work.signal,
      params: { run_id: work.runId, tenant_id: work.tenantId, table_name: work.entity.name },
      sql: `SELECT countIf(kind = 'record') AS records, groupArrayIf(object_key, kind = 'object') AS objects
FROM replay_items FINAL
WHERE run_id = {run_id:String} AND tenant_id = {tenant_id:String} AND table_name = {table_name:String}`,
    },
    z.object({ records: zCount, objects: z.array(z.string()) }),
  );
}

/** The reporter, with something to do between "it may publish" and the publish itself. */
function withBefore(reporter: Reporter, act: () => Promise<void>): Reporter {
  return {
    step: async (step, batch, work) => reporter.step(step, batch, work),
    progress: (progress) => reporter.progress(progress),
    reading: (queryId, progress) => reporter.reading(queryId, progress),
    event: (level, event, message, detail) => reporter.event(level, event, message, detail),
    async mayPublish() {
      await reporter.mayPublish();
      await act();
    },
  };
}
