import { NO_ROWS, type RowCounts, addCounts, countEffects } from "./count";
import { createWalk, deriveWalk } from "./derive";
import { type HistorySize, NO_HISTORY, addSizes, subtractSizes } from "./history-size";
import { type IdRange, idRanges } from "./id-ranges";
import { createDelta, mergeWhole } from "./merge";
import { createVersions, mergeTouched } from "./merge-touched";
import { createStored } from "./stored-versions";
import { type TableWork, logTable, stagingTables } from "./table-work";

/** Rows that are allowed for in the log for each one that is staged: how many there are is not known before they are read. */
const LOGGED_ROWS = 2;

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
  await Promise.all([createDelta(work), createNarrow(work, mode)]);
  // An extract concerns all entities.
  const isForAll = newExtracts.length > 0 || !isSettled;
  const reach = mode === "bulk" ? "stage" : isForAll ? "all" : "touched";
  const extracts = [...new Set([...countedExtracts, ...newExtracts])];
  const cuts = await cutsOf(work, reach, stagedRows, extracts.length > 0);
  let merged: Merged = {
    rows: 0,
    cuts: cuts.length,
    counts: NO_ROWS,
    size: (reach === "touched" ? before : undefined) ?? NO_HISTORY,
  };
  for (const [index, ids] of cuts.entries()) {
    if (index > 0) await createNarrow(work, mode);
    await deriveWalk(work, {
      reach,
      extracts,
      newExtracts,
      ids,
    });
    const [delta, effects] = await Promise.all([
      mode === "bulk" ? mergeWhole(work, ids, extracts.length > 0) : mergeTouched(work),
      countEffects(work),
    ]);
    const size = addSizes(merged.size, effects.size);
    merged = {
      rows: merged.rows + delta.rows,
      cuts: cuts.length,
      counts: addCounts(merged.counts, effects.counts),
      // Where the walk covers every entity, it says all there will be.
      size: reach === "touched" ? subtractSizes(size, delta.stored) : size,
    };
  }
  return merged;
}

/** Creates the empty tables that one cut needs. */
async function createNarrow(work: TableWork, mode: "bulk" | "incremental"): Promise<void> {
  const creations = [createWalk];
  if (mode === "incremental") creations.push(createStored, createVersions);
  await Promise.all(creations.map((create) => create(work)));
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
