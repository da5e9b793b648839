import { z } from "zod";

import { zCount, zDigits } from "@/server/clickhouse/columns";

import { versionsOf } from "./merge";
import { type TableWork, historyTable, stagingTables } from "./table-work";

const Version = z.object({
  id: z.string(),
  starts: zCount,
  ends: zCount.nullable(),
  hash: zDigits,
  object: z.string(),
  row: zCount,
});
const Staged = z.object({
  id: z.string(),
  at: zCount,
  isDelete: z.boolean(),
  object: z.string(),
  row: zCount,
});

/** What a prepared replay would make of the touched entities. Times are ms UTC. */
export interface ReplayEffects {
  readonly records: readonly z.infer<typeof Staged>[];
  readonly before: readonly z.infer<typeof Version>[];
  readonly after: readonly z.infer<typeof Version>[];
}

/** Reads from the staging tables what was staged, and the versions of its entities before and after. */
export async function readEffects(work: TableWork): Promise<ReplayEffects> {
  const { stage, walk } = stagingTables(work);
  const { entity, signal } = work;
  const id = entity.idColumn;
  const params = { tenant_id: work.tenantId };
  const touched = `SELECT ${id} FROM ${stage}`;
  const [records, before, after] = await Promise.all([
    work.db.rows(
      {
        name: "scd2.replay.staged",
        signal,
        sql: `SELECT ${id} AS id, toUnixTimestamp64Milli(observed_at) AS at, toBool(kind = 'delete') AS isDelete,
  toString(source_object) AS object, source_row AS row FROM ${stage}`,
      },
      Staged,
    ),
    work.db.rows(
      {
        name: "scd2.replay.before",
        signal,
        params,
        sql: `SELECT ${id} AS id, toUnixTimestamp64Milli(effective_start_date) AS starts,
  toUnixTimestamp64Milli(effective_end_date) AS ends, toString(record_hash) AS hash,
  toString(source_object) AS object, source_row AS row
FROM ${historyTable(entity)} FINAL
WHERE tenant_id = {tenant_id:String} AND ${id} IN (${touched})`,
      },
      Version,
    ),
    work.db.rows(
      {
        name: "scd2.replay.after",
        signal,
        sql: `SELECT version.id AS id, toUnixTimestamp64Milli(version.starts) AS starts,
  toUnixTimestamp64Milli(version.ends) AS ends, toString(version.record_hash) AS hash,
  toString(version.source_object) AS object, version.source_row AS row
FROM (${versionsOf(walk)}) AS version
WHERE version.id IN (${touched})`,
      },
      Version,
    ),
  ]);
  return { records, before, after };
}

const Content = z.object({ at: z.string(), values: z.record(z.string(), z.string().nullable()) });

/**
 * The business values of a version that would be opened, and of the one before it.
 *
 * @param opened its start, ms UTC
 * @param previous the start of the stored version before it, or undefined
 */
export async function readContents(
  work: TableWork,
  id: string,
  opened: number,
  previous: number | undefined,
): Promise<{ opened: Record<string, string | null>; previous: Record<string, string | null> }> {
  const { entity } = work;
  const values = `map(${entity.columns
    .map((column) => `'${column.name}', toString(${column.name})`)
    .join(", ")})`;
  const read = (table: string, at: string): string => `SELECT '${at}' AS at, ${values} AS values
FROM ${table} FINAL
WHERE tenant_id = {tenant_id:String} AND ${entity.idColumn} = {id:String}
  AND toUnixTimestamp64Milli(effective_start_date) = {${at}:Int64}`;
  const parts = [
    read(stagingTables(work).delta, "opened"),
    ...(previous === undefined ? [] : [read(historyTable(entity), "previous")]),
  ];
  const rows = await work.db.rows(
    {
      name: "scd2.replay.contents",
      signal: work.signal,
      params: {
        tenant_id: work.tenantId,
        id,
        opened,
        ...(previous === undefined ? {} : { previous }),
      },
      sql: parts.join("\nUNION ALL\n"),
    },
    Content,
  );
  const of = (at: string): Record<string, string | null> =>
    rows.find((row) => row.at === at)?.values ?? {};
  return { opened: of("opened"), previous: of("previous") };
}
