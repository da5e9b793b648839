import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { migrate } from "@/server/clickhouse/migrate";
import { type TestDb, testDb } from "@/test/support/clickhouse";

// Histories from before sql/migrations/0016_current_rows_apart.sql are laid out anew by it.

const FILES = path.resolve(import.meta.dirname, "../sql/migrations");
const APART = "0016_current_rows_apart.sql";
/** More than one insert may write to unless it is told so. */
const TENANTS = 104;

let test: TestDb;
let folder: string;
let db: Db;
beforeAll(async () => {
  test = await testDb();
  db = test.db.inDatabase(`${test.db.database}_before`);
  folder = await mkdtemp(path.join(tmpdir(), "avesa-migrations-"));
  for (const name of (await readdir(FILES)).filter((file) => file < APART)) {
    await cp(path.join(FILES, name), path.join(folder, name));
  }
});
afterAll(async () => {
  await test.db.command({ name: "test.drop", sql: `DROP DATABASE IF EXISTS ${db.database} SYNC` });
  await db.close();
  await rm(folder, { recursive: true, force: true });
  await test.close();
});

/** The histories of all tenants, with a number for their content. */
async function histories(): Promise<object[]> {
  return db.rows(
    {
      name: "test.histories",
      sql: `SELECT tenant_id, count() AS versions, countIf(is_current) AS current,
  sum(cityHash64(* EXCEPT (effective_end_date), toString(effective_end_date), partition_date)) AS content
FROM tickets_scd FINAL GROUP BY tenant_id ORDER BY tenant_id`,
    },
    z.looseObject({}),
  );
}

it(
  "histories of before are the same after, also where the migration is run twice",
  { timeout: 180_000 },
  async () => {
    await migrate(db, { folder });
    const insert = (
      starts: number,
      ends: number | null,
      rowVersion: number,
      where: string,
      isDeleted = 0,
    ) =>
      db.command({
        name: "test.versions",
        sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, summary, status, effective_start_date, effective_end_date, is_current, record_hash,
  ingestion_timestamp, is_deleted, row_version)
SELECT concat('t', toString(number % ${TENANTS})), concat('T', toString(intDiv(number, ${TENANTS}))), 'printer', 'New', ${starts},
  ${ends ?? "NULL"}, ${ends === null && isDeleted === 0}, number, now(), ${isDeleted}, ${rowVersion}
FROM numbers(${TENANTS * 8}) WHERE ${where} SETTINGS max_partitions_per_insert_block = 0`,
      });
    await insert(1000, null, 1, "1");
    // Of some the version was closed and another came, of some it ended, of some it was taken back.
    await insert(1000, 2000, 2, "number % 3 = 0");
    await insert(2000, null, 2, "number % 3 = 0");
    await insert(1000, 3000, 2, "number % 3 = 1 AND number % 2 = 0");
    await insert(1000, null, 2, "number % 3 = 1 AND number % 7 = 0 AND number % 2 = 1", 1);
    const before = await histories();
    expect(before).toHaveLength(TENANTS);

    await cp(path.join(FILES, APART), path.join(folder, APART));
    await cp(path.join(FILES, APART), path.join(folder, "0017_again.sql"));
    expect(await migrate(db, { folder })).toEqual({ applied: [APART, "0017_again.sql"] });
    expect(await histories()).toEqual(before);
    const [layout] = await db.rows(
      {
        name: "test.layout",
        sql: "SELECT primary_key FROM system.tables WHERE database = currentDatabase() AND name = 'tickets_scd'",
      },
      z.object({ primary_key: z.string() }),
    );
    expect(layout?.primary_key).toBe("tenant_id, is_current, ticket_id");
  },
);
