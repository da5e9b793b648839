/** A small seeded source of chance: the same seed gives the same sequence on every machine. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  /** One element. Throws when there is none. */
  pick<T>(items: readonly T[]): T;
  /** One element, each with a weight in proportion to its chance. Throws when there is none. */
  weighted<T>(items: readonly (readonly [item: T, weight: number])[]): T;
  /** The elements in random order; the input is not changed. */
  shuffle<T>(items: readonly T[]): T[];
  /** A generator of its own, so that one part's draws do not shift another's. */
  fork(label: string): Random;
}

/**
 * A generator for a seed (mulberry32).
 *
 * @param seed any whole number; only its low 32 bits count
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));

  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick<T>(items: readonly T[]): T {
      return elementAt(items, int(0, items.length - 1));
    },
    weighted<T>(items: readonly (readonly [T, number])[]): T {
      let left = next() * items.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [item, weight] of items) {
        left -= weight;
        if (left < 0) return item;
      }
      return elementAt(items, items.length - 1)[0];
    },
    shuffle<T>(items: readonly T[]): T[] {
      const keyed = items.map((item) => ({ item, rank: next() }));
      return keyed.sort((a, b) => a.rank - b.rank).map(({ item }) => item);
    },
    fork: (label) => seededRandom(hashText(`${seed >>> 0}:${label}`)),
  };
}

/** FNV-1a over UTF-16 units, 32 bits. */
function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}

function elementAt<T>(items: readonly T[], index: number): T {
  if (index < 0 || index >= items.length) throw new Error("nothing to pick from");
  // The index was checked against the length just above.
  return items[index] as T;
}
