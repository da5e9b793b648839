import { z } from "zod";

import { zCount } from "./columns";
import { gathered } from "./gathered";

/** What the server knows of a table without reading it. */
export interface TableFacts {
  readonly comment: string;
  /** Exact; null of engines that do not count. */
  readonly rows: number | null;
}

/** Looks up a table of the database by its name; undefined where there is none. Those who ask at once share one statement. */
export const findTableFacts = gathered<string, TableFacts | undefined>(async (db, tables) => {
  const found = await db.rows(
    {
      name: "tables.facts",
      params: { tables },
      sql: `SELECT name, comment, total_rows AS rows FROM system.tables
WHERE database = currentDatabase() AND name IN {tables:Array(String)}`,
    },
    z.object({ name: z.string(), comment: z.string(), rows: zCount.nullable() }),
  );
  const byName = new Map(found.map(({ name, ...facts }) => [name, facts]));
  return tables.map((table) => byName.get(table));
});
