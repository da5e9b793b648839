import { NO_ROWS, type RowCounts, addCounts, countEffects } from "./count";
import { createWalk, deriveWalk } from "./derive";
import { createDelta, mergeDelta } from "./merge";
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
}

/**
 * Derives and merges cut by cut into one delta.
 *
 * @returns rows of the delta, the cuts, and the row ledger without `read` and `rejected`
 */
export async function mergeBatch(
  work: TableWork,
  { mode, stagedRows, countedExtracts, newExtracts, isSettled }: MergeInput,
): Promise<{ rows: number; cuts: number; counts: RowCounts }> {
  await createDelta(work);
  // An extract concerns all entities.
  const isForAll = newExtracts.length > 0 || !isSettled;
  const cuts = Math.max(1, Math.ceil(stagedRows / ROWS_A_CUT));
  const extracts = [...new Set([...countedExtracts, ...newExtracts])];
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
