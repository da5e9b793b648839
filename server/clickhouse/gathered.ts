import type { Db } from "./client";
import { ClickHouseError } from "./error";

/** Most askers that share one statement. */
const MOST = 100;

interface Asker<Key, Value> {
  readonly key: Key;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

interface Line<Key, Value> {
  readonly waiting: Asker<Key, Value>[];
  isAtWork: boolean;
}

/** Statements of many keys, by the handle that they go through. */
type Act<Key, Value> = (db: Db, keys: readonly Key[]) => Promise<readonly Value[]>;

/**
 * One statement for many who ask the same kind of thing at once: what costs is the statement, not its rows. Whoever comes while
 * one is under way waits for the next, so an answer is always of a statement that began after it was asked for. Where a
 * statement for several fails for good, each gets one of its own, so that nobody fails for another's sake.
 *
 * @param act gives a value for each key, in their order
 */
export function gathered<Key, Value>(act: Act<Key, Value>): (db: Db, key: Key) => Promise<Value> {
  const lines = new WeakMap<Db, Line<Key, Value>>();
  return async (db, key) => {
    const line = lines.get(db) ?? { waiting: [], isAtWork: false };
    lines.set(db, line);
    return new Promise((resolve, reject) => {
      line.waiting.push({ key, resolve, reject });
      if (!line.isAtWork) void work(db, line, act);
    });
  };
}

/** Never rejects: what fails is told to who asked. */
async function work<Key, Value>(
  db: Db,
  line: Line<Key, Value>,
  act: Act<Key, Value>,
): Promise<void> {
  line.isAtWork = true;
  // All who ask in this turn of the event loop are of the first group.
  await Promise.resolve();
  while (line.waiting.length > 0) await answer(db, line.waiting.splice(0, MOST), act);
  line.isAtWork = false;
}

async function answer<Key, Value>(
  db: Db,
  group: readonly Asker<Key, Value>[],
  act: Act<Key, Value>,
): Promise<void> {
  try {
    const values = await act(
      db,
      group.map(({ key }) => key),
    );
    for (const [place, asker] of group.entries()) asker.resolve(values[place] as Value);
  } catch (error) {
    const passes = error instanceof ClickHouseError && error.transient;
    if (passes || group.length === 1) {
      for (const asker of group) asker.reject(error);
      return;
    }
    await Promise.all(group.map(async (asker) => answer(db, [asker], act)));
  }
}
