import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { gathered } from "@/server/clickhouse/gathered";
import { keptTokens } from "@/server/plans/plan-store";
import { leaseOfStagingTable, stagingPrefix } from "@/server/scd2/table-work";

/**
 * Names of the staging tables that are there.
 *
 * @param runId only this run's
 */
export async function findStagingTables(db: Db, runId?: string): Promise<string[]> {
  return findByPrefix(db, stagingPrefix(runId));
}

const findByPrefix = gathered<string, string[]>(async (db, prefixes) => {
  const tables = await db.rows(
    {
      name: "staging.find",
      params: { prefix: stagingPrefix() },
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String})",
    },
    z.object({ name: z.string().regex(/^staging_[a-z0-9_]+$/) }),
  );
  return prefixes.map((prefix) =>
    tables.map(({ name }) => name).filter((name) => name.startsWith(prefix)),
  );
});

/** Ends the statements that a dead process had begun with these tables: the server knows nothing of its death. */
export async function killWith(db: Db, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  await db.command({
    name: "staging.kill",
    params: { names },
    sql: "KILL QUERY WHERE multiSearchAny(query, {names:Array(String)}) AND query_id != queryID() SYNC FORMAT Null",
  });
}

/** Drops staging tables, but not those of a plan that may still be published. */
export async function dropStagingTables(db: Db, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const kept = await keptTokens(db);
  const dropped = names.filter((name) => !kept.has(leaseOfStagingTable(name) ?? ""));
  await killWith(db, dropped);
  for (const name of dropped) {
    await db.command({ name: "staging.drop", sql: `DROP TABLE IF EXISTS ${name} SYNC` });
  }
}
