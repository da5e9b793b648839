import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { migrate } from "@/server/clickhouse/migrate";
import { testDb, type TestDb } from "@/test/support/clickhouse";

let test: TestDb;
let folder: string;
let db: Db;
let number = 0;

beforeAll(async () => {
  test = await testDb();
});
afterAll(() => test.close());

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "avesa-migrations-"));
  number += 1;
  db = test.db.inDatabase(`${test.db.database}_${number}`);
  return async () => {
    await test.db.command({
      name: "test.drop",
      sql: `DROP DATABASE IF EXISTS ${db.database} SYNC`,
    });
    await db.close();
    await rm(folder, { recursive: true, force: true });
  };
});

async function file(name: string, sql: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, name), sql);
}

async function tables(): Promise<string[]> {
  const rows = await db.rows(
    {
      name: "test.tables",
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name",
    },
    z.object({ name: z.string() }),
  );
  return rows.map((row) => row.name).filter((name) => !name.startsWith("schema_"));
}

describe("migrate", () => {
  it("creates the database, applies the files in order, and applies none twice", async () => {
    await file(
      "0002_second.sql",
      "-- after the first;\nCREATE TABLE IF NOT EXISTS b {{cluster}} AS a ENGINE = Memory;\n",
    );
    await file(
      "0001_first.sql",
      "CREATE TABLE IF NOT EXISTS {{database}}.a {{cluster}} (x UInt8) ENGINE = Memory",
    );
    expect(await migrate(db, { folder })).toEqual({
      applied: ["0001_first.sql", "0002_second.sql"],
    });
    expect(await tables()).toEqual(["a", "b"]);
    expect(await migrate(db, { folder })).toEqual({ applied: [] });
    await file("0003_third.sql", "CREATE TABLE IF NOT EXISTS c (x UInt8) ENGINE = Memory;");
    expect(await migrate(db, { folder })).toEqual({ applied: ["0003_third.sql"] });
  });

  it("makes an Atomic database, whose tables can be exchanged and attached", async () => {
    await file("0001_first.sql", "SELECT 1;");
    await migrate(db, { folder });
    const row = await db.row(
      {
        name: "test.engine",
        sql: "SELECT engine FROM system.databases WHERE name = currentDatabase()",
      },
      z.object({ engine: z.string() }),
    );
    expect(row.engine).toBe("Atomic");
  });

  it("refuses an applied file that was edited, and changes nothing", async () => {
    await file("0001_first.sql", "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory;");
    await migrate(db, { folder });
    await file("0001_first.sql", "CREATE TABLE IF NOT EXISTS a (x UInt16) ENGINE = Memory;");
    await file("0002_second.sql", "CREATE TABLE IF NOT EXISTS b (x UInt8) ENGINE = Memory;");
    await expect(migrate(db, { folder })).rejects.toThrow(
      /0001_first\.sql was edited after it had been applied/,
    );
    expect(await tables()).toEqual(["a"]);
  });

  it("does not take other line ends for an edit", async () => {
    await file("0001_first.sql", "SELECT 1;\nSELECT 2;\n");
    await migrate(db, { folder });
    await file("0001_first.sql", "SELECT 1; \r\nSELECT 2;\r\n\r\n");
    expect(await migrate(db, { folder })).toEqual({ applied: [] });
  });

  it("refuses a database that a newer version has used", async () => {
    await file("0001_first.sql", "SELECT 1;");
    await file("0002_second.sql", "SELECT 1;");
    await migrate(db, { folder });
    await rm(path.join(folder, "0002_second.sql"));
    await expect(migrate(db, { folder })).rejects.toThrow(/does not know: 0002_second\.sql/);
  });

  it("says which statement of which file failed, and goes on from there when it is mended", async () => {
    await file(
      "0001_first.sql",
      "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory;\nCREATE TABEL b (x UInt8);",
    );
    await expect(migrate(db, { folder })).rejects.toThrow(/Statement 2 of 0001_first\.sql failed/);
    await file("0001_first.sql", "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory;");
    expect(await migrate(db, { folder })).toEqual({ applied: ["0001_first.sql"] });
  });

  it("refuses names out of the scheme, numbers given twice and unknown variables", async () => {
    await file("1_first.sql", "SELECT 1;");
    await expect(migrate(db, { folder })).rejects.toThrow(
      /1_first\.sql is not named NNNN_name\.sql/,
    );
    await rm(path.join(folder, "1_first.sql"));
    await file("0001_a.sql", "SELECT 1;");
    await file("0001_b.sql", "SELECT 1;");
    await expect(migrate(db, { folder })).rejects.toThrow(/have the same number/);
    await rm(path.join(folder, "0001_b.sql"));
    await file("0001_a.sql", "SELECT {{colour}};");
    await expect(migrate(db, { folder })).rejects.toThrow(/\{\{colour\}\}/);
  });

  it("lets one of several at once do the work", async () => {
    await file(
      "0001_first.sql",
      "CREATE TABLE IF NOT EXISTS a (x UInt64) ENGINE = MergeTree ORDER BY x;",
    );
    await file("0002_second.sql", "INSERT INTO a SELECT number FROM numbers(10);");
    const all = await Promise.all(Array.from({ length: 5 }, () => migrate(db, { folder })));
    expect(all.flatMap((one) => one.applied).sort()).toEqual(["0001_first.sql", "0002_second.sql"]);
    const row = await db.row(
      { name: "test.count", sql: "SELECT count() AS rows FROM a" },
      z.object({ rows: zCount }),
    );
    expect(row.rows).toBe(10);
    expect(await tables()).toEqual(["a"]);
  });

  it("clears away the claim of a process that died while it migrated", async () => {
    await file("0001_first.sql", "CREATE TABLE IF NOT EXISTS a (x UInt8) ENGINE = Memory;");
    await migrate(db, { folder });
    await file("0002_second.sql", "CREATE TABLE IF NOT EXISTS b (x UInt8) ENGINE = Memory;");
    await db.command({
      name: "test.claim",
      sql: "CREATE TABLE schema_migration_claim (pid UInt32, seen_at DateTime64(3, 'UTC') DEFAULT now64(3)) ENGINE = MergeTree ORDER BY seen_at",
    });
    await expect(migrate(db, { folder })).resolves.toEqual({ applied: ["0002_second.sql"] });
  });
});
