import { openClickHouse } from "./connection";
import type { Db } from "./db";
import { createDb } from "./http-db";

interface Shared {
  db?: Promise<Db> | undefined;
  reader?: Promise<Db> | undefined;
}

// Next gives instrumentation, route handlers and pages a copy of this module each; the process has one connection.
const holder = globalThis as typeof globalThis & { __avesaDb?: Shared };

function shared(): Shared {
  holder.__avesaDb ??= {};
  return holder.__avesaDb;
}

/**
 * The process's handle; the first call opens the connection (and starts the embedded server where nobody has).
 *
 * @param program who asks, see {@link openClickHouse}
 */
export function getDb(program?: string): Promise<Db> {
  const current = shared();
  if (current.db === undefined) {
    const opening = openClickHouse(program).then(createDb);
    current.db = opening;
    // A failed start is not kept: the next call tries again.
    opening.catch(() => {
      if (current.db === opening) current.db = undefined;
    });
  }
  return current.db;
}

/** The process's handle of the reading account, for screens. */
export function getReaderDb(): Promise<Db> {
  const current = shared();
  if (current.reader === undefined) {
    const opening = getDb().then((db) => db.asReader());
    current.reader = opening;
    opening.catch(() => {
      if (current.reader === opening) current.reader = undefined;
    });
  }
  return current.reader;
}

/** Closes the process's handles and its connection; the next {@link getDb} opens them anew. */
export async function closeDb(options?: { waitForExit?: boolean }): Promise<void> {
  const current = shared();
  const [db, reader] = [
    await current.db?.catch(() => undefined),
    await current.reader?.catch(() => undefined),
  ];
  current.db = undefined;
  current.reader = undefined;
  await reader?.close();
  await db?.close();
  await db?.connection.close(options);
}
