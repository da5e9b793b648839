import { NO_ROWS, type RowCounts, addCounts, countEffects } from "./count";
import { createWalk, deriveWalk } from "./derive";
import { type HistorySize, NO_HISTORY, addSizes, subtractSizes } from "./history-size";
import { createDelta, createVersions, mergeTouched, mergeWhole } from "./merge";
import type { TableWork } from "./table-work";

/** Rows whose walk is derived at once; more are cut by hash of the id. */
const ROWS_A_CUT = 2_000_000;

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
  readonly before: HistorySize | undefined;
}

/** What merging a batch came to. */
export interface Merged {
  /** Rows of the delta. */
  readonly rows: number;
  readonly cuts: number;
  /** The row ledger without `read` and `rejected`. */
  readonly counts: RowCounts;
  /** The size of the whole history once the delta is published. */
  readonly size: HistorySize;
}

/** Derives and merges cut by cut into one delta. */
export async function mergeBatch(
  work: TableWork,
  { mode, stagedRows, countedExtracts, newExtracts, isSettled, before }: MergeInput,
): Promise<Merged> {
  await Promise.all([
    createDelta(work),
    createWalk(work),
    mode === "incremental" && createVersions(work),
  ]);
  // An extract concerns all entities.
  const isForAll = newExtracts.length > 0 || !isSettled;
  const reach = mode === "bulk" ? "stage" : isForAll ? "all" : "touched";
  const cuts = Math.max(1, Math.ceil(stagedRows / ROWS_A_CUT));
  const extracts = [...new Set([...countedExtracts, ...newExtracts])];
  let merged: Merged = {
    rows: 0,
    cuts,
    counts: NO_ROWS,
    size: (reach === "touched" ? before : undefined) ?? NO_HISTORY,
  };
  for (let index = 0; index < cuts; index++) {
    if (index > 0) {
      await Promise.all([createWalk(work), mode === "incremental" && createVersions(work)]);
    }
    await deriveWalk(work, {
      reach,
      extracts,
      newExtracts,
      ...(cuts > 1 ? { cut: { index, of: cuts } } : {}),
    });
    const [delta, effects] = await Promise.all([
      mode === "bulk" ? mergeWhole(work) : mergeTouched(work),
      countEffects(work),
    ]);
    const size = addSizes(merged.size, effects.size);
    merged = {
      rows: merged.rows + delta.rows,
      cuts,
      counts: addCounts(merged.counts, effects.counts),
      // Where the walk covers every entity, it says all there will be.
      size: reach === "touched" ? subtractSizes(size, delta.stored) : size,
    };
  }
  return merged;
}
