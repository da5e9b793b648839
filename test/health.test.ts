import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHealth } from "@/server/health";
import { testDb, type TestDb } from "@/test/support/clickhouse";

let test: TestDb;
beforeAll(async () => {
  test = await testDb();
});
afterAll(() => test.close());

describe("readHealth", () => {
  const open = () => Promise.resolve(test.db);

  it("is ok when ClickHouse answers and every migration is in", async () => {
    expect(await readHealth(open)).toEqual({ status: "ok", clickhouse: "ok", migrations: "ok" });
  });

  it("says that the database is behind, or of another version", async () => {
    await test.db.command({
      name: "test.forget",
      sql: "DELETE FROM schema_migrations WHERE name = (SELECT max(name) FROM schema_migrations)",
    });
    expect(await readHealth(open)).toMatchObject({ status: "unavailable", migrations: "pending" });
    await test.db.insert("schema_migrations", [{ name: "9999_future.sql", checksum: "x" }]);
    expect(await readHealth(open)).toMatchObject({ status: "unavailable", migrations: "mismatch" });
  });

  it("answers in time when nobody does, and tells no reason", async () => {
    const failing = await readHealth(() =>
      Promise.reject(new Error("connect ECONNREFUSED secret-host")),
    );
    expect(failing).toEqual({ status: "unavailable", clickhouse: "away", migrations: "unknown" });
    const start = performance.now();
    expect((await readHealth(() => new Promise(() => undefined))).clickhouse).toBe("away");
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});
