import type { Db } from "./client";

/** Answers of one handle; more are not kept, the oldest go first. */
const MOST_KEPT = 500;

interface Kept {
  readonly until: number;
  readonly answer: Promise<unknown>;
}

/** Next gives each kind of entry its own copy of this module; the answers are the process's. */
const holder = globalThis as typeof globalThis & {
  __avesaKeptAnswers?: WeakMap<Db, Map<string, Kept>>;
};

/**
 * An answer that may be some seconds old: the one that this process got, or is getting, less than so long ago for the same
 * statement with the same values through the same handle, which is one account on one database. A failure is not kept.
 *
 * @param statement its text and all values; the tenant is one of them
 * @param now milliseconds of any clock that only rises
 */
export async function keptAnswer<Answer>(
  db: Db,
  statement: { readonly sql: string; readonly params: Readonly<Record<string, unknown>> },
  seconds: number,
  ask: () => Promise<Answer>,
  now = performance.now(),
): Promise<Answer> {
  const all = (holder.__avesaKeptAnswers ??= new WeakMap<Db, Map<string, Kept>>());
  const ofHandle = all.get(db) ?? new Map<string, Kept>();
  all.set(db, ofHandle);
  const key = JSON.stringify([
    statement.sql,
    Object.entries(statement.params).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  ]);
  const known = ofHandle.get(key);
  if (known !== undefined && known.until > now) return (await known.answer) as Answer;
  const answer = ask();
  const entry = { until: now + seconds * 1_000, answer };
  ofHandle.delete(key);
  ofHandle.set(key, entry);
  for (const old of ofHandle.keys()) {
    if (ofHandle.size <= MOST_KEPT) break;
    ofHandle.delete(old);
  }
  try {
    return await answer;
  } catch (error) {
    if (ofHandle.get(key) === entry) ofHandle.delete(key);
    throw error;
  }
}
