import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { inject } from "vitest";

import { type Db, createDb } from "@/server/clickhouse/client";
import { openClickHouse } from "@/server/clickhouse/connection";
import { migrate } from "@/server/clickhouse/migrate";
import { overrideEnv } from "@/server/env";

/** A database of a test file's own on the ClickHouse of the test run. */
export interface TestDb {
  readonly db: Db;
  readonly dataDir: string;
  /** Drops the database and lets go of the server. */
  close(): Promise<void>;
}

function unique(): string {
  return randomBytes(5).toString("hex");
}

/** A tenant id that no other test has: `acme` becomes something like `acme-3f29c01b7d`. */
export function testTenant(name = "tenant"): string {
  return `${name}-${unique()}`;
}

/**
 * A new database with all migrations applied, on the embedded ClickHouse that the test run shares. `env()` points there
 * afterwards, so that code which opens its own connection comes to the same place.
 */
export async function testDb(dataDir = inject("dataDir")): Promise<TestDb> {
  const database = `test_${unique()}`;
  overrideEnv({ DATA_DIR: dataDir, CLICKHOUSE_DATABASE: database, CLICKHOUSE_URL: "" });
  const connection = await openClickHouse("test");
  const db = createDb(connection);
  await migrate(db);
  return {
    db,
    dataDir,
    async close() {
      const server = db.inDatabase("default");
      await server.command({ name: "test.drop", sql: `DROP DATABASE IF EXISTS ${database} SYNC` });
      await server.close();
      await db.close();
      await connection.close();
    },
  };
}

/** As {@link testDb}, on a ClickHouse of its own that may be killed. */
export async function ownClickHouse(): Promise<TestDb> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "avesa-test-"));
  const { db } = await testDb(dataDir);
  return {
    db,
    dataDir,
    async close() {
      await db.close();
      await db.connection.close({ waitForExit: true });
      await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
