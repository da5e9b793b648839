import { type Sizing, estimateRecords } from "./batches";
import { NO_ROWS, type RowCounts, addCounts } from "./count";
import { writeDeadObjects } from "./dead-objects";
import type { HistorySize } from "./history-size";
import type { Violation } from "./invariants";
import { nextBatch } from "./object-ledger";
import { planLoad } from "./plan-load";
import { type RejectLimits, prepareBatch } from "./prepare-batch";
import type { PreparedBatch } from "./prepared-batch";
import { publishBatch } from "./publish-batch";
import type { Reporter } from "./reporter";
import { type TableWork, placeOf } from "./table-work";

export interface LoadLimits extends RejectLimits {
  readonly sizing?: Sizing;
  /** Of a bulk load too large for one call: it goes piece by piece, each published, and on behind the last. */
  readonly pieces?: Sizing;
  /** Number of the first batch, where nothing of the run's table is done. Default: what the ledger says. */
  readonly firstBatch?: number;
  /** Batches are begun only before this time, ms since the epoch; the rest is left for another call. */
  readonly deadline?: number;
  /** Awaited between two batches: others may go first. */
  readonly nextTurn?: () => Promise<void>;
  /** Failed objects to try again; an increment then takes these, with what of their extracts is missing, and nothing else. */
  readonly onlyObjects?: ReadonlySet<string>;
  /** Extracts (ms UTC) that an increment leaves out, by the run in whose plan they wait or were rejected. */
  readonly heldExtracts?: ReadonlyMap<number, string>;
  /** Asked of each batch that completes an extract, once it is prepared: true stops the load before that batch is published. */
  readonly holds?: (prepared: PreparedBatch) => Promise<boolean>;
}

export interface LoadOutcome {
  /** Of the batches published by this call. */
  readonly counts: RowCounts;
  /** Objects that this call could not take in. */
  readonly deadObjects: number;
  readonly violations: readonly Violation[];
  /** Batches are left: call again. */
  readonly more: boolean;
  /** What the last of the published batches left; absent where none was. */
  readonly size?: HistorySize;
  /** The batch before whose publish the load was stopped; its staging tables are there. */
  readonly held?: PreparedBatch;
}

/**
 * Loads one tenant's table: discover → stage → audit → merge → publish → ledger → verify (design.md §5).
 * A bulk load rebuilds the table from the whole store and publishes once, unless it is to go in pieces; an increment takes what is new, batch
 * by batch, each published atomically. Running it again after a crash anywhere repairs what was left.
 *
 * @throws RejectThresholdError, UnbalancedError, ClickHouseError, or what `mayPublish` throws. Published batches stay.
 */
export async function loadTable(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
): Promise<LoadOutcome> {
  const { pieces } = limits;
  const how = pieces === undefined ? mode : "incremental";
  const first = how === "bulk" ? 1 : (limits.firstBatch ?? (await nextBatch(work)));
  const { discovery, batches } = await planLoad(work, how, reporter, first, {
    ...limits,
    ...(pieces === undefined ? {} : { sizing: pieces }),
  });
  await writeDeadObjects(work.db, placeOf(work), discovery.dead);

  const everything = batches.flatMap((batch) => batch.objects);
  const total = {
    objectsTotal: everything.length,
    bytesTotal: sum(everything, (object) => object.bytes),
    rowsTotal: sum(everything, (object) => estimateRecords(object)),
  };
  let done = { objectsDone: 0, bytesDone: 0, rowsDone: 0, counts: NO_ROWS };
  reporter.progress({ ...total, ...done });

  let deadObjects = discovery.dead.length;
  const violations: Violation[] = [];
  const countedExtracts = [...discovery.countedExtracts];
  let next = first;
  let size: HistorySize | undefined;
  const sized = (): { size?: HistorySize } => (size === undefined ? {} : { size });
  for (const batch of batches) {
    if (next > first) await limits.nextTurn?.();
    if (next > first && limits.deadline !== undefined && Date.now() >= limits.deadline) {
      return { counts: done.counts, deadObjects, violations, more: true, ...sized() };
    }
    const prepared = await prepareBatch(work, how, reporter, limits, {
      ...batch,
      number: next,
      countedExtracts,
      onStatement: (queryId) => reporter.reading(queryId, { ...total, ...done }),
      defersAudit: limits.holds !== undefined && batch.extracts.length > 0,
    });
    if (batch.extracts.length > 0 && (await limits.holds?.(prepared)) === true) {
      return { counts: done.counts, deadObjects, violations, more: false, held: prepared };
    }
    violations.push(...(await publishBatch(work, reporter, prepared)));
    size = prepared.size;
    countedExtracts.push(...batch.extracts);
    done = {
      objectsDone: done.objectsDone + batch.objects.length,
      bytesDone: done.bytesDone + sum(batch.objects, (object) => object.bytes),
      rowsDone: done.rowsDone + prepared.counts.read,
      counts: addCounts(done.counts, prepared.counts),
    };
    deadObjects += prepared.dead.length;
    const isLast = done.objectsDone === total.objectsTotal;
    reporter.progress({ ...total, ...done, ...(isLast ? { rowsTotal: done.rowsDone } : {}) });
    next += 1;
  }
  return { counts: done.counts, deadObjects, violations, more: false, ...sized() };
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
