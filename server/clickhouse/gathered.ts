import { setTimeout as delay } from "node:timers/promises";

import { AppError } from "@/server/errors";

import { unlessAborted } from "./abortable";
import type { Db } from "./client";
import { ClickHouseError } from "./error";

/** Most askers that share one statement. */
const MOST = 100;
/** Most who wait for a turn in one line. */
const LONGEST = 5_000;
const LONGEST_REST_MS = 300;

interface Asker<Key, Value> {
  readonly key: Key;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (value: Value) => void;
  readonly reject: (error: unknown) => void;
}

interface Line<Key, Value> {
  readonly waiting: Asker<Key, Value>[];
  isAtWork: boolean;
}

/** Statements of many keys, by the handle that they go through. */
type Act<Key, Value> = (db: Db, keys: readonly Key[]) => Promise<readonly Value[]>;

interface Limits {
  /** Most askers that share one statement. Default: 100. */
  readonly most?: number;
  /**
   * Whether a line where others wait rests after a statement, so that more share the next one: after one for two askers as
   * long as it took, and the longer the more they were. Who asks alone never waits for that. Default: false.
   */
  readonly rests?: boolean;
}

/**
 * One statement for many who ask the same kind of thing at once: what costs is the statement, not its rows. Whoever comes while
 * one is under way waits for the next, so an answer is always of a statement that began after it was asked for. Where a
 * statement for several fails for good, each half of them gets one of its own, and so on, so that nobody fails for another's sake.
 *
 * @param act gives a value for each key, in their order
 * @returns asks for one key; whose signal is aborted while waiting for a turn leaves the line. Throws AppError `busy` where the
 *   line is too long
 */
export function gathered<Key, Value>(
  act: Act<Key, Value>,
  limits: Limits = {},
): (db: Db, key: Key, signal?: AbortSignal) => Promise<Value> {
  const lines = new WeakMap<Db, Line<Key, Value>>();
  return async (db, key, signal) => {
    const line = lines.get(db) ?? { waiting: [], isAtWork: false };
    lines.set(db, line);
    if (line.waiting.length >= LONGEST)
      throw new AppError("busy", "Too many ask the same kind of thing at once.", {
        retryAfterSeconds: 2,
      });
    const answered = new Promise<Value>((resolve, reject) => {
      line.waiting.push({ key, signal, resolve, reject });
      if (!line.isAtWork) void work(db, line, act, limits);
    });
    return unlessAborted("gathered", signal, answered);
  };
}

/** Never rejects: what fails is told to who asked. */
async function work<Key, Value>(
  db: Db,
  line: Line<Key, Value>,
  act: Act<Key, Value>,
  { most = MOST, rests = false }: Limits,
): Promise<void> {
  line.isAtWork = true;
  // All who ask in this turn of the event loop are of the first group.
  await Promise.resolve();
  while (line.waiting.length > 0) {
    const group = line.waiting.splice(0, most).filter(isStillAsked);
    if (group.length === 0) continue;
    const began = performance.now();
    await answer(db, group, act);
    if (rests && line.waiting.length > 0)
      await delay(Math.min((performance.now() - began) * Math.log2(group.length), LONGEST_REST_MS));
  }
  line.isAtWork = false;
}

/** Nothing is asked for who has gone; they have been told. */
function isStillAsked({ signal }: { readonly signal: AbortSignal | undefined }): boolean {
  return signal?.aborted !== true;
}

/** What another statement for fewer would meet as well. */
function passes(error: unknown): boolean {
  if (error instanceof AppError) return error.code === "busy";
  return error instanceof ClickHouseError && error.transient;
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
    if (passes(error) || group.length === 1) {
      for (const asker of group) asker.reject(error);
      return;
    }
    const half = Math.ceil(group.length / 2);
    await answer(db, group.slice(0, half), act);
    await answer(db, group.slice(half), act);
  }
}
