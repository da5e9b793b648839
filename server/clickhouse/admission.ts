import { availableParallelism } from "node:os";

import { AppError } from "@/server/errors";

import { unlessAborted } from "./abortable";
import type { Db } from "./client";

/** Whether somebody waits in front of a screen, or the statement may read a whole table. */
export type Weight = "light" | "heavy";

/** How many statements are at work at once, and how long others wait for that. */
export interface Bounds {
  readonly atWork: number;
  /** Of them at most so many heavy ones, so that light ones always find room. */
  readonly heavy: number;
  readonly waiting: number;
  readonly waitMs: number;
}

interface Waiting {
  readonly weight: Weight;
  readonly begin: () => void;
}

/** Only data: Next gives each kind of entry its own copy of this module, and they share one gate. */
export interface Gate {
  readonly atWork: Record<Weight, number>;
  /** Who came first stands first. */
  waiting: Waiting[];
}

/** A gate where nobody is. */
export function emptyGate(): Gate {
  return { atWork: { light: 0, heavy: 0 }, waiting: [] };
}

/**
 * Carries a statement out when there is room for it: in the order in which they were asked for, but that light ones pass
 * heavy ones that have to wait for heavy ones.
 *
 * @param signal whose abort ends the waiting
 * @throws AppError `busy` at once where the line is too long, or after `waitMs` in it
 */
export async function admitted<T>(
  gate: Gate,
  bounds: Bounds,
  weight: Weight,
  act: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  if (gate.waiting.length > 0 || !hasRoom(gate, bounds, weight))
    await turn(gate, bounds, weight, signal);
  else gate.atWork[weight]++;
  try {
    return await act();
  } finally {
    gate.atWork[weight]--;
    callNext(gate, bounds);
  }
}

function hasRoom({ atWork }: Gate, bounds: Bounds, weight: Weight): boolean {
  if (atWork.light + atWork.heavy >= bounds.atWork) return false;
  return weight === "light" || atWork.heavy < bounds.heavy;
}

function callNext(gate: Gate, bounds: Bounds): void {
  for (;;) {
    const next = gate.waiting.find(({ weight }) => hasRoom(gate, bounds, weight));
    if (next === undefined) return;
    gate.waiting = gate.waiting.filter((other) => other !== next);
    gate.atWork[next.weight]++;
    next.begin();
  }
}

function busy(retryAfterSeconds: number): AppError {
  return new AppError("busy", "More statements are asked for than ClickHouse can carry out.", {
    retryAfterSeconds,
  });
}

/** Waits for a turn; the room is taken when it comes. */
async function turn(
  gate: Gate,
  bounds: Bounds,
  weight: Weight,
  signal: AbortSignal | undefined,
): Promise<void> {
  const retryAfterSeconds = Math.ceil(bounds.waitMs / 1_000);
  if (gate.waiting.length >= bounds.waiting) throw busy(retryAfterSeconds);
  let timer: NodeJS.Timeout | undefined;
  let waiting: Waiting | undefined;
  const come = new Promise<void>((resolve, reject) => {
    waiting = { weight, begin: resolve };
    gate.waiting.push(waiting);
    // Heavy ones may be all that is at work while a light one comes.
    callNext(gate, bounds);
    timer = setTimeout(() => reject(busy(retryAfterSeconds)), bounds.waitMs);
  });
  try {
    await unlessAborted("admission", signal, come);
  } catch (error) {
    const stood = gate.waiting.length;
    gate.waiting = gate.waiting.filter((other) => other !== waiting);
    // Called in the same moment: the room it was given is another's.
    if (gate.waiting.length === stood) {
      gate.atWork[weight]--;
      callNext(gate, bounds);
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const holder = globalThis as typeof globalThis & { __avesaGates?: WeakMap<object, Gate> };

/**
 * Few statements at once are answered sooner than many, and leave the machine to who makes pages of them: where the
 * server is this machine's own, as many as it has processors.
 */
function boundsOf(db: Db): Bounds {
  const atWork = db.connection.embedded ? Math.max(2, availableParallelism()) : 32;
  return { atWork, heavy: Math.ceil(atWork / 2), waiting: 1_000, waitMs: 15_000 };
}

/**
 * Carries out a read of a screen against the handle's server when there is room for it, see {@link admitted}.
 *
 * @throws AppError `busy`, and what `act` throws
 */
export async function whenAdmitted<T>(
  db: Db,
  weight: Weight,
  act: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  holder.__avesaGates ??= new WeakMap();
  const gate = holder.__avesaGates.get(db.connection) ?? emptyGate();
  holder.__avesaGates.set(db.connection, gate);
  return admitted(gate, boundsOf(db), weight, act, signal);
}
