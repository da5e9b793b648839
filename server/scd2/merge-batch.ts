import { allEnded } from "@/server/all-ended";

import { compareVersions, createVersions } from "./compared-versions";
import { NO_ROWS, type RowCounts, addCounts, countEffects } from "./count";
import { type DeriveScope, createWalk, deriveWalk } from "./derive";
import { type HistorySize, NO_HISTORY, addSizes, subtractSizes } from "./history-size";
import { type IdRange, idRanges } from "./id-ranges";
import { createDelta, mergeWhole } from "./merge";
import { writeChanged, writeTombstones } from "./merge-touched";
import { MANY_VERSIONS, type TableWork, logTable, sized, stagingTables } from "./table-work";
import { findTouched, takeEnding } from "./touched";

/** Rows that are allowed for in the log for each one that is staged: how many there are is not known before they are read. */
const LOGGED_ROWS = 2;

/** Most rows of a batch whose entities are looked up at once; so many more touch most of a history anyway. */
const ROWS_FROM_CURRENT = 200_000;

/** What a batch is merged with. */
export interface MergeInput {
  readonly mode: "bulk" | "incremental";
  readonly stagedRows: number;
  /** Extracts counted before this batch, ms UTC. */
  readonly countedExtracts: readonly number[];
  /** The ones that this batch completes. */
  readonly newExtracts: readonly number[];
  /** False where a publish broke off, so that log and history may differ for any entity. */
  readonly isSettled: boolean;
  /** The size of the history as it stands; it matters only where log and history agree. */
  readonly before: (HistorySize & { readonly watermark: number | null }) | undefined;
}

/** What merging a batch came to. */
export interface Merged {
  /** Rows of the delta. */
  readonly rows: number;
  /** Entities were derived from their current version alone where that is enough. */
  readonly fromCurrent: boolean;
  readonly cuts: number;
  /** The row ledger without `read` and `rejected`. */
  readonly counts: RowCounts;
  /** The size of the whole history once the delta is published. */
  readonly size: HistorySize;
}

/** Creates the empty tables that {@link mergeBatch} works in. */
export async function createMergeTables(
  work: TableWork,
  mode: "bulk" | "incremental",
): Promise<void> {
  await allEnded([createDelta(work), createNarrow(work, mode)]);
}

/** Derives and merges cut by cut into one delta; its tables are there, see {@link createMergeTables}. */
export async function mergeBatch(
  given: TableWork,
  { mode, stagedRows, countedExtracts, newExtracts, isSettled, before }: MergeInput,
): Promise<Merged> {
  // An extract concerns all entities.
  const isForAll = newExtracts.length > 0 || !isSettled;
  const reach = mode === "bulk" ? "stage" : isForAll ? "all" : "touched";
  const extracts = [...new Set([...countedExtracts, ...newExtracts])];
  let work = sized(given, stagedRows, before?.versions ?? Number.POSITIVE_INFINITY);
  const watermark = before?.watermark ?? null;
  const fromCurrent =
    reach === "touched" &&
    extracts.length === 0 &&
    // Single rows can take the places of others.
    work.stagesRows !== true &&
    watermark !== null &&
    stagedRows <= ROWS_FROM_CURRENT &&
    (before?.versions ?? 0) > (work.manyVersions ?? MANY_VERSIONS);
  if (fromCurrent) {
    work = { ...work, fromCurrent };
    await findTouched(work, watermark);
  }
  const cuts = await cutsOf(work, reach, stagedRows, extracts.length > 0);
  let merged: Merged = {
    rows: 0,
    fromCurrent,
    cuts: cuts.length,
    counts: NO_ROWS,
    size: (reach === "touched" ? before : undefined) ?? NO_HISTORY,
  };
  for (const [index, ids] of cuts.entries()) {
    if (index > 0) await createNarrow(work, mode);
    const steps = [deriveAndCompare(work, mode, { reach, extracts, newExtracts, ids })];
    if (fromCurrent && index === 0) steps.push(takeEnding(work));
    await allEnded(steps);
    const [written, effects] = await Promise.all([
      mode === "bulk" ? mergeWhole(work, ids, extracts.length > 0) : writeChanged(work),
      countEffects(work, mode === "incremental"),
    ]);
    const tombstones = effects.leaving > 0 ? await writeTombstones(work) : 0;
    const size = addSizes(merged.size, effects.size);
    merged = {
      ...merged,
      rows: merged.rows + written + tombstones,
      counts: addCounts(merged.counts, effects.counts),
      // Where the walk covers every entity, it says all there will be.
      size: reach === "touched" ? subtractSizes(size, effects.stored) : size,
    };
  }
  return merged;
}

async function deriveAndCompare(
  work: TableWork,
  mode: "bulk" | "incremental",
  scope: DeriveScope,
): Promise<void> {
  await deriveWalk(work, scope);
  if (mode === "incremental") await compareVersions(work);
}

/** Creates the empty tables that one cut needs. */
async function createNarrow(work: TableWork, mode: "bulk" | "incremental"): Promise<void> {
  const creations = [createWalk];
  if (mode === "incremental") creations.push(createVersions);
  await allEnded(creations.map((create) => create(work)));
}

/** What is derived and merged at once, one range of ids after the other. */
function cutsOf(
  work: TableWork,
  reach: "stage" | "all" | "touched",
  stagedRows: number,
  hasExtracts: boolean,
): Promise<IdRange[]> {
  const id = work.entity.idColumn;
  const staged = `SELECT ${id} AS id FROM ${stagingTables(work).stage}`;
  if (reach === "all") {
    const logged = `SELECT ${id} AS id FROM ${logTable(work.entity)} WHERE tenant_id = {tenant_id:String}`;
    return idRanges(work, { ids: `${staged} UNION ALL ${logged}`, hasExtracts });
  }
  const rowsAnId = reach === "touched" ? 1 + LOGGED_ROWS : 1;
  return idRanges(work, { ids: staged, rows: stagedRows, rowsAnId, hasExtracts });
}
