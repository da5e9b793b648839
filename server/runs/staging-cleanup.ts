import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { stagingPrefix } from "@/server/scd2/table-work";

/** Drops every staging table of a run. */
export async function dropRunStaging(db: Db, runId: string): Promise<void> {
  const tables = await db.rows(
    {
      name: "staging.of-run",
      params: { prefix: stagingPrefix(runId) },
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String})",
    },
    z.object({ name: z.string().regex(/^staging_[a-z0-9_]+$/) }),
  );
  for (const { name } of tables) {
    await db.command({ name: "staging.drop", sql: `DROP TABLE IF EXISTS ${name} SYNC` });
  }
}

/** Runs that have staging tables. */
export async function runsWithStaging(db: Db): Promise<string[]> {
  const rows = await db.rows(
    {
      name: "staging.runs",
      sql: `SELECT DISTINCT upper(substring(name, 9, 26)) AS run_id FROM system.tables
WHERE database = currentDatabase() AND match(name, '^staging_[0-9a-z]{26}_')`,
    },
    z.object({ run_id: z.string() }),
  );
  return rows.map((row) => row.run_id);
}
