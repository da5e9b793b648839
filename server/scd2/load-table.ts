import { RejectThresholdError, auditStage } from "./audit";
import { type Batch, type Sizing, estimateRecords, planBatches } from "./batches";
import { NO_ROWS, type RowCounts, addCounts, countEffects, ledgerDifference } from "./count";
import { type DeadObject, supersedeDeadLetters, writeDeadObjects } from "./dead-objects";
import { createWalk, deriveWalk } from "./derive";
import { type Discovery, discover } from "./discover";
import { INVARIANTS, type Violation, checkInvariants } from "./invariants";
import { createDelta, mergeDelta } from "./merge";
import { dropOthersFromLedger, nextBatch, writeLedger } from "./object-ledger";
import { mergeParts, publish } from "./publish";
import { type BatchObject } from "./stage";
import { stageBatch } from "./stage-batch";
import {
  measureChange,
  measureHistory,
  readState,
  stageWatermark,
  unsettleState,
  writeState,
} from "./table-state";
import { type TableWork, stagingTables } from "./table-work";

export const STEPS = [
  "discover",
  "stage",
  "audit",
  "merge",
  "publish",
  "ledger",
  "verify",
] as const;
export type Step = (typeof STEPS)[number];

/** Rows whose walk is derived at once; more are cut by hash of the id. */
const ROWS_A_CUT = 2_000_000;

/** What a table's part of a run has done so far. */
export interface TableProgress {
  readonly objectsTotal: number;
  readonly objectsDone: number;
  readonly bytesTotal: number;
  readonly bytesDone: number;
  /** Estimated from the bytes until all is read. */
  readonly rowsTotal: number;
  readonly rowsDone: number;
  readonly counts: RowCounts;
}

/** Who hears of the work. The engine does not know what becomes of it. */
export interface Reporter {
  /** Runs one step of a batch; `work` is awaited inside, so that times and failures are seen. */
  step<T>(step: Step, batch: number, work: () => Promise<T>): Promise<T>;
  progress(progress: TableProgress): void;
  /** A statement that reads these objects has begun under this query id. */
  reading(queryId: string, progress: TableProgress): void;
  event(level: "info" | "warn" | "error", event: string, message: string, detail?: object): void;
  /** Called before anything is published; throws where the run must stop (cancelled, lease lost). */
  mayPublish(): Promise<void>;
}

export interface LoadLimits {
  readonly sizing?: Sizing;
  /** Batches are begun only before this time, ms since the epoch; the rest is left for another call. */
  readonly deadline?: number;
  readonly rejectThresholdPercent: number;
  readonly rejectMinimumRows: number;
}

export interface LoadOutcome {
  /** Of the batches published by this call. */
  readonly counts: RowCounts;
  /** Objects that this call could not take in. */
  readonly deadObjects: number;
  readonly violations: readonly Violation[];
  /** Batches are left: call again. */
  readonly more: boolean;
}

/** Rows were lost or counted twice between reading and publishing; nothing was published. */
export class UnbalancedError extends Error {
  constructor(
    readonly counts: RowCounts,
    readonly difference: number,
  ) {
    super(
      `The row ledger does not balance: read ${counts.read}, accounted ${counts.read - difference}. ` +
        `Difference ${difference}, publish held.`,
    );
    this.name = "UnbalancedError";
  }
}

/**
 * Loads one tenant's table: discover → stage → audit → merge → publish → ledger → verify (design.md §5).
 * A bulk load rebuilds the table from the whole store and publishes once; an increment takes what is new, batch
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
  const first = mode === "bulk" ? 1 : await nextBatch(work);
  const discovery = await reporter.step("discover", first, () => discover(work, mode));
  await writeDeadObjects(work.db, placeOf(work), discovery.dead);
  reportDiscovery(reporter, discovery);

  const batches =
    mode === "bulk" ? [wholeStore(discovery)] : await planIncrement(work, discovery, limits.sizing);
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
  let next = first;
  for (const batch of batches) {
    if (next > first && limits.deadline !== undefined && Date.now() >= limits.deadline) {
      return { counts: done.counts, deadObjects, violations, more: true };
    }
    const outcome = await loadBatch(work, mode, reporter, limits, {
      ...batch,
      number: next,
      counted: discovery.countedExtracts.concat(
        batches.slice(0, batches.indexOf(batch)).flatMap((earlier) => earlier.extracts),
      ),
      reading: (queryId) => reporter.reading(queryId, { ...total, ...done }),
    });
    done = {
      objectsDone: done.objectsDone + batch.objects.length,
      bytesDone: done.bytesDone + sum(batch.objects, (object) => object.bytes),
      rowsDone: done.rowsDone + outcome.counts.read,
      counts: addCounts(done.counts, outcome.counts),
    };
    deadObjects += outcome.dead.length;
    violations.push(...outcome.violations);
    const isLast = done.objectsDone === total.objectsTotal;
    reporter.progress({ ...total, ...done, ...(isLast ? { rowsTotal: done.rowsDone } : {}) });
    next += 1;
  }
  return { counts: done.counts, deadObjects, violations, more: false };
}

interface NumberedBatch extends Batch {
  readonly number: number;
  /** Extracts counted before this batch, ms UTC. */
  readonly counted: readonly number[];
  readonly reading: (queryId: string) => void;
}

async function loadBatch(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: LoadLimits,
  batch: NumberedBatch,
): Promise<{ counts: RowCounts; dead: DeadObject[]; violations: Violation[] }> {
  const started = performance.now();
  const { staged, rows, dead } = await reporter.step("stage", batch.number, () =>
    stageWhole(work, batch),
  );
  await writeDeadObjects(work.db, placeOf(work), dead);
  for (const object of dead) {
    reporter.event("error", "object_failed", `${object.key}: ${object.message}`, {
      key: object.key,
    });
  }

  const audit = await reporter.step("audit", batch.number, () => auditStage(work, batch.number));
  if (
    audit.read >= limits.rejectMinimumRows &&
    audit.rejected > (audit.read * limits.rejectThresholdPercent) / 100
  ) {
    throw new RejectThresholdError(audit.rejected, audit.read, limits.rejectThresholdPercent);
  }
  if (audit.rejected > 0) {
    reporter.event(
      "warn",
      "rows_rejected",
      `${audit.rejected} of ${audit.read} rows to dead letters`,
    );
  }
  const extracts = judgeExtracts(batch, dead, audit.blindExtracts);
  for (const at of extracts.blind) {
    reporter.event(
      "error",
      "extract_blind",
      `Extract ${iso(at)} lists records whose id cannot be read; what it does not list is not taken for deleted.`,
    );
  }

  const before = await readState(work);
  const isSettled = before?.is_settled === true;
  const merged = await reporter.step("merge", batch.number, () =>
    mergeBatch(work, rows, batch, extracts.counted, { mode, isSettled }),
  );
  const counts: RowCounts = { ...merged.counts, read: audit.read, rejected: audit.rejected };
  const difference = ledgerDifference(counts);
  if (difference !== 0) throw new UnbalancedError(counts, difference);

  // What is published must get its ledger, whoever would stop the run by then.
  const published: TableWork = { ...work, signal: undefined };
  const size = await reporter.step("publish", batch.number, async () => {
    // The walk of the last cut alone cannot tell.
    const isCounted = mode === "bulk" || merged.cuts > 1 || !isSettled;
    const change = isCounted ? undefined : await measureChange(work);
    const watermark = await stageWatermark(work);
    await reporter.mayPublish();
    await unsettleState(work, before !== undefined);
    await publish(work, mode, { stage: rows, delta: merged.rows });
    return {
      watermark: mode === "bulk" ? watermark : latest(before?.watermark ?? null, watermark),
      size:
        change && before
          ? {
              entities: before.entities + change.entities,
              versions: before.versions + change.versions,
              current: before.current + change.current,
            }
          : await measureHistory(published),
    };
  });

  await reporter.step("ledger", batch.number, async () => {
    const failures = new Map(dead.map((failure) => [failure.key, failure]));
    await writeLedger(published, {
      batch: batch.number,
      seconds: (performance.now() - started) / 1000,
      counts,
      objects: staged,
      dead: batch.objects.flatMap((object) => {
        const failure = failures.get(object.key);
        return failure ? [{ object, failure }] : [];
      }),
      countedExtracts: extracts.counted,
      blindExtracts: extracts.blind,
    });
    if (mode === "bulk") {
      await dropOthersFromLedger(published);
      await supersedeDeadLetters(work.db, placeOf(work));
    }
  });

  const violations = await reporter.step("verify", batch.number, async () => {
    // What was broken before may be in entities that this batch does not touch.
    const wasBroken = (before?.invariants_broken.length ?? 0) > 0;
    const isForAll = mode === "bulk" || merged.cuts > 1 || !isSettled || wasBroken;
    const found = await checkInvariants(published, isForAll ? "all" : "touched");
    await writeState(published, size.size, size.watermark, {
      checked: INVARIANTS.length,
      broken: found.map((violation) => violation.invariant),
    });
    await mergeParts(published);
    return found;
  });
  reporter.event(
    violations.length === 0 ? "info" : "error",
    "batch_published",
    violations.length === 0
      ? `Batch ${batch.number}: ${counts.read} rows read, ${merged.rows} version rows published, ledger balances, ${INVARIANTS.length} of ${INVARIANTS.length} invariants hold`
      : `Batch ${batch.number}: ${violations.map((violation) => `${violation.invariant} broken for ${violation.entities} entities`).join("; ")}`,
    { counts, violations },
  );
  return { counts, dead, violations };
}

/** Stages a batch; the rest of an extract with an object that cannot be read is left out with it. */
async function stageWhole(
  work: TableWork,
  batch: NumberedBatch,
): Promise<{ staged: BatchObject[]; rows: number; dead: DeadObject[] }> {
  const result = await stageBatch(work, batch.objects, batch.reading);
  const deadKeys = new Set(result.dead.map((object) => object.key));
  const held = new Set(
    batch.objects.flatMap((object) =>
      object.extractAt !== undefined && deadKeys.has(object.key) ? [object.extractAt] : [],
    ),
  );
  if (held.size === 0) return result;
  const rest = batch.objects.filter(
    (object) =>
      !deadKeys.has(object.key) && !(object.extractAt !== undefined && held.has(object.extractAt)),
  );
  const again = await stageBatch(work, rest, batch.reading);
  return { ...again, dead: [...result.dead, ...again.dead] };
}

/** Which of a batch's extracts count: not those with an object missing, and not those that list nameless records. */
function judgeExtracts(
  batch: NumberedBatch,
  dead: readonly DeadObject[],
  blindExtracts: readonly number[],
): { counted: number[]; blind: number[] } {
  const deadKeys = new Set(dead.map((object) => object.key));
  const held = new Set(
    batch.objects.filter((object) => deadKeys.has(object.key)).map((object) => object.extractAt),
  );
  const whole = batch.extracts.filter((at) => !held.has(at));
  return {
    counted: whole.filter((at) => !blindExtracts.includes(at)),
    blind: whole.filter((at) => blindExtracts.includes(at)),
  };
}

/** Derives and merges cut by cut into one delta. */
async function mergeBatch(
  work: TableWork,
  stagedRows: number,
  batch: NumberedBatch,
  newExtracts: readonly number[],
  { mode, isSettled }: { readonly mode: "bulk" | "incremental"; readonly isSettled: boolean },
): Promise<{ rows: number; cuts: number; counts: RowCounts }> {
  await createDelta(work);
  // An extract concerns all entities; and where a publish broke off, log and history may differ for any.
  const isForAll = newExtracts.length > 0 || !isSettled;
  const cuts = Math.max(1, Math.ceil(stagedRows / ROWS_A_CUT));
  const extracts = [...new Set([...batch.counted, ...newExtracts])];
  let rows = 0;
  let counts = NO_ROWS;
  for (let index = 0; index < cuts; index++) {
    await createWalk(work);
    await deriveWalk(work, {
      reach: mode === "bulk" ? "stage" : isForAll ? "all" : "touched",
      extracts,
      newExtracts,
      ...(cuts > 1 ? { cut: { index, of: cuts } } : {}),
    });
    rows += await mergeDelta(work, mode);
    counts = addCounts(counts, await countEffects(work));
  }
  return { rows, cuts, counts };
}

function reportDiscovery(reporter: Reporter, discovery: Discovery): void {
  for (const object of discovery.dead) {
    reporter.event("error", "object_failed", `${object.key}: ${object.message}`, {
      key: object.key,
    });
  }
  for (const at of discovery.waitingExtracts) {
    reporter.event(
      "info",
      "extract_waiting",
      `Extract ${iso(at)} has no _SUCCESS yet and is not read.`,
    );
  }
}

function wholeStore(discovery: Discovery): Batch {
  return {
    objects: [...discovery.objects, ...discovery.extracts.flatMap((extract) => extract.objects)],
    extracts: discovery.extracts.map((extract) => extract.at),
  };
}

/** The batches; an empty one where nothing new has come, but an earlier publish broke off and is to be put right. */
async function planIncrement(
  work: TableWork,
  discovery: Discovery,
  sizing?: Sizing,
): Promise<Batch[]> {
  const batches = planBatches(discovery, sizing);
  if (batches.length > 0 || (await readState(work))?.is_settled !== false) return batches;
  return [{ objects: [], extracts: [] }];
}

/** Drops what a run's table staged. */
export async function dropStaging(work: Pick<TableWork, "db" | "runId" | "entity">): Promise<void> {
  await work.db.command({
    name: "scd2.staging.drop",
    sql: `DROP TABLE IF EXISTS ${Object.values(stagingTables(work)).join(", ")} SYNC`,
  });
}

function placeOf(work: TableWork): { tenantId: string; tableName: string; runId: string } {
  return { tenantId: work.tenantId, tableName: work.entity.name, runId: work.runId };
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
