import { setTimeout as wait } from "node:timers/promises";

/** Longest wait for anything, in ms. */
const LIMIT_MS = 10 * 60_000;

/**
 * Asks ten times a second until the answer is yes twice in a row, so that a pause between two things is not taken for the end.
 *
 * @throws after ten minutes, or where the signal is aborted
 */
export async function until(signal: AbortSignal, isDone: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  let inARow = 0;
  while (inARow < 2) {
    inARow = (await isDone()) ? inARow + 1 : 0;
    if (Date.now() > deadline) throw new Error("the server did not come to rest");
    await wait(100, undefined, { signal });
  }
}
