interface Queue {
  tail: Promise<unknown>;
  length: number;
}

// One set for the process: Next gives each kind of entry its own copy of this module.
const holder = globalThis as typeof globalThis & { __avesaTurns?: Map<string, Queue> };

/** Thrown when more callers wait for their turn than the caller wants to allow. */
export class QueueFullError extends Error {
  constructor(key: string) {
    super(`Too many callers wait for ${key}`);
    this.name = "QueueFullError";
  }
}

/**
 * Runs `work` after everything of the same key that this process began before it: check-then-write on a store without
 * unique constraints needs one writer at a time. It orders the callers of one process only.
 *
 * @param limit refuse when this many are already running or waiting
 * @throws QueueFullError beyond the limit, and whatever `work` throws
 */
export async function inTurn<T>(key: string, work: () => Promise<T>, limit = Infinity): Promise<T> {
  holder.__avesaTurns ??= new Map();
  const turns = holder.__avesaTurns;
  const queue = turns.get(key) ?? { tail: Promise.resolve(), length: 0 };
  if (queue.length >= limit) throw new QueueFullError(key);
  queue.length += 1;
  turns.set(key, queue);
  const before = queue.tail;
  const mine = (async () => {
    // The one before reports its failure to its own caller; here it only says that the turn has come.
    await before.catch(() => undefined);
    return work();
  })();
  queue.tail = mine;
  try {
    return await mine;
  } finally {
    queue.length -= 1;
    if (queue.length === 0) turns.delete(key);
  }
}
