import { tickets } from "@/lib/catalog/tickets";
import type { Db } from "@/server/clickhouse/client";

/** The table of an increment's records, typed, as the peers' own staging would have left it. */
export const INPUT = "bench_input";

/** What the peers keep of a record: its business columns, where it comes from and when it was updated. */
export const KEPT = [
  "ticket_id",
  ...tickets.columns.map(({ name }) => name),
  "source_system",
  "source_table",
  "last_updated",
];

/** Identity of a record's whole content, as dlt's row hash: over all columns, NULL apart from every text. */
export const ROW_HASH = `sipHash128(${KEPT.map((name) => `isNull(${name}), ifNull(toString(${name}), '')`).join(", ")})`;

/**
 * Reads an increment's object into {@link INPUT}. Neither peer is charged for this: their increments begin with typed and
 * hashed records in a table, ours with a file.
 */
export async function stageInput(db: Db, path: string): Promise<void> {
  const typed = tickets.columns.map(({ name, type, required }) => {
    const value =
      type === "datetime"
        ? `parseDateTime64BestEffortOrNull(${name}, 3, 'UTC')`
        : type === "decimal"
          ? `toDecimal64OrNull(toString(${name}), 2)`
          : name;
    return `${required === true ? `assumeNotNull(${value})` : value} AS ${name}`;
  });
  await db.command({
    name: "bench.input",
    params: { path },
    sql: `CREATE OR REPLACE TABLE ${INPUT} ENGINE = MergeTree ORDER BY ticket_id AS
SELECT *, ${ROW_HASH} AS row_hash
FROM (
  SELECT assumeNotNull(raw.ticket_id) AS ticket_id, ${typed.join(", ")},
    assumeNotNull(raw.source_system) AS source_system, assumeNotNull(raw.source_table) AS source_table,
    parseDateTime64BestEffort(assumeNotNull(raw.last_updated), 3, 'UTC') AS last_updated
  FROM file({path:String}, 'Parquet') AS raw)`,
  });
}
