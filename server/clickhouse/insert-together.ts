import type { Db } from "./client";
import { gathered } from "./gathered";

type Row = Readonly<Record<string, unknown>>;

interface Insertion {
  readonly table: string;
  readonly name: string;
  readonly rows: readonly Row[];
}

/** A line for each table and shape of rows: an INSERT names its columns once. */
const lines = new Map<string, (db: Db, insertion: Insertion) => Promise<void>>();

/**
 * Writes rows as `db.insert` does; insertions into one table that come at once are one statement and one part.
 *
 * @param name of the statement. Default: `insert.TABLE`
 * @returns when the rows are written
 * @throws ClickHouseError
 */
export async function insertTogether(
  db: Db,
  table: string,
  rows: readonly Row[],
  name = `insert.${table}`,
): Promise<void> {
  const [first] = rows;
  if (first === undefined) return;
  const shape = [name, table, ...Object.keys(first)].join("\n");
  let write = lines.get(shape);
  if (write === undefined) lines.set(shape, (write = gathered(insertAll)));
  await write(db, { table, name, rows });
}

async function insertAll(db: Db, insertions: readonly Insertion[]): Promise<undefined[]> {
  const [first] = insertions;
  if (first !== undefined) {
    const rows = insertions.flatMap((insertion) => insertion.rows);
    await db.insert(first.table, rows, { name: first.name });
  }
  return insertions.map(() => undefined);
}
