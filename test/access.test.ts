import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ACCOUNTS, accessSql } from "@/scripts/support/access-sql.mjs";
import { createDb } from "@/server/clickhouse/client";
import { openClickHouse } from "@/server/clickhouse/connection";
import { migrate } from "@/server/clickhouse/migrate";
import { sweepDeadLetters } from "@/server/dlq/retention";
import { overrideEnv } from "@/server/env";
import { decidePlans } from "@/server/plans/decide-plans";
import { executeRun } from "@/server/runs/execute-run";
import { startRun } from "@/server/runs/start-run";

import { type AccessServer, startAccessServer } from "./support/access/server";
import { readAccess, usersFile } from "./support/access/users-file";
import { LoadBench, ndjson } from "./support/load";
import { openStore } from "./support/store-fixture";
import { until } from "./support/until";

// The statements of sql/access, tried on an engine of its own: grants word for word, policies, limits and quotas as the same
// in a users file, for this engine keeps no accounts that SQL makes (test/support/access/users-file.ts).

const database = "avesa_analytics";
let storeUrl: string;
let server: AccessServer;
let bench: LoadBench;
let [acme, globex] = ["", ""];

beforeAll(async () => {
  const objects = await openStore("s3");
  storeUrl = `${objects.s3?.url}/canonical-objects`;
  server = await startAccessServer((hash) => {
    const hashes = Object.fromEntries(ACCOUNTS.map((account) => [account, hash]));
    return usersFile(readAccess(accessSql({ database, storeUrl, hashes })), {
      adminHash: hash,
      // A setting of our own cannot be had here; any built-in one that holds text does what it does.
      settingFor: { SQL_tenant_id: "log_comment" },
    });
  });
  overrideEnv({ CLICKHOUSE_URL: server.url, CLICKHOUSE_DATABASE: database });
  overrideEnv({ CLICKHOUSE_USER: "admin", CLICKHOUSE_PASSWORD: server.password });
  const admin = createDb(await openClickHouse("test"));
  await migrate(admin);
  await admin.close();
  overrideEnv({ CLICKHOUSE_USER: "avesa_etl_user" });
  const db = createDb(await openClickHouse("test"));
  const clickHouse = { db, dataDir: "", close: () => db.close() };
  bench = await LoadBench.open({ clickHouse, objects });
  [acme, globex] = [await bench.tenant("acme"), await bench.tenant("globex")];
  await bench.land(acme, "companies", "c-20260101T000000Z.ndjson", [
    company("1", "Acme", "2026-01-01"),
    company("2", "Acme Nord", "2026-01-01"),
    { company_id: "3", last_updated: "2026-01-01" },
  ]);
  await bench.land(globex, "companies", "c-20260101T000000Z.ndjson", [
    company("9", "Globex", "2026-01-01"),
  ]);
}, 90_000);

afterAll(async () => {
  await bench.close();
  await server.close();
});

function company(id: string, name: string, updated: string): object {
  return { company_id: id, company_name: name, status: "Active", last_updated: updated };
}

describe("avesa_etl_user", () => {
  it("carries out bulk loads and increments of every kind", async () => {
    for (const tenant of [acme, globex]) {
      expect(await bench.load(tenant, "companies", "bulk")).toMatchObject({
        status: "succeeded",
        new: tenant === acme ? 2 : 1,
        rejected: tenant === acme ? 1 : 0,
      });
    }
    const changes = ndjson([
      company("1", "Acme AG", "2026-01-02"),
      { company_id: "2", last_updated: "2026-01-02", _deleted: true },
    ]);
    await bench.land(acme, "companies", "c-20260102T000000Z.ndjson", `${changes}not a record\n`);
    expect(await bench.load(acme, "companies")).toMatchObject({ changed: 1, deleted: 1 });
    const folder = "full/20260103T000000Z/";
    await bench.land(acme, "companies", `${folder}part-0.ndjson`, [
      company("1", "Acme AG", "2026-01-02"),
    ]);
    await bench.land(acme, "companies", `${folder}_SUCCESS`, "");
    expect(await bench.load(acme, "companies")).toMatchObject({ error: "", read: 1 });
    expect(await bench.history(acme, "companies")).toHaveLength(3);
    expect(await bench.complaints(acme, "companies")).toEqual([]);
    expect(await bench.deadLetters(acme)).not.toHaveLength(0);
  });

  it("reloads a table of which nothing is left", async () => {
    const empty = await bench.tenant("empty");
    expect(await bench.load(empty, "tickets", "bulk")).toMatchObject({ error: "", read: 0 });
  });

  it("plans a run, and carries the plan out when it is applied", async () => {
    const tenant = await bench.tenant("planned");
    await bench.land(tenant, "companies", "c-20260101T000000Z.ndjson", [
      company("1", "Acme", "2026-01-01"),
    ]);
    const { runId } = await startRun(bench.db, {
      tenantId: tenant,
      mode: "bulk",
      tables: ["companies"],
      trigger: "cli",
      requestedBy: "test",
      planRule: "always",
    });
    expect(await executeRun(bench.context, runId)).toMatchObject({ status: "waiting_approval" });
    await decidePlans(bench.context, { runId, decision: "apply", by: "test", reason: "" });
    expect(await executeRun(bench.context, runId)).toMatchObject({ status: "succeeded" });
    expect(await bench.history(tenant, "companies")).toHaveLength(1);
  });

  it("ends its own statements on the server, and none of others", async () => {
    const sql = "SELECT sleepEachRow(1) FROM numbers(600) SETTINGS max_block_size = 1 FORMAT Null";
    const running = async (): Promise<string> =>
      server.ask(
        "admin",
        "SELECT groupArray(user) FROM system.processes WHERE query LIKE '%numbers(600)%' AND query_id != queryID()",
      );
    const stop = new AbortController();
    const mine = bench.db.command({ name: "test.long", sql, signal: stop.signal });
    const others = server.ask("admin", sql);
    await Promise.all([
      expect(mine).rejects.toThrow(/was cancelled/),
      expect(others).rejects.toThrow(/QUERY_WAS_CANCELLED/),
      (async () => {
        await until("both run", async () => (await running()).split(",").length === 2);
        stop.abort();
        await until("one is left", async () => (await running()) === "['admin']");
        await expect(
          server.ask(
            "avesa_etl_user",
            "KILL QUERY WHERE query LIKE '%numbers(600)%' AND query_id != queryID() SYNC",
          ),
        ).rejects.toThrow(/ACCESS_DENIED/);
        expect(await running()).toBe("['admin']");
        await server.ask(
          "admin",
          "KILL QUERY WHERE query LIKE '%numbers(600)%' AND query_id != queryID() SYNC",
        );
      })(),
    ]);
  });

  it("removes dead letters whose time is over", async () => {
    const old = "2020-01-01T00:00:00Z";
    await bench.db.insert("dead_letters", [
      { dead_letter_id: "old", tenant_id: "x", status: "discarded", resolved_at: old, version: 1 },
    ]);
    expect(await sweepDeadLetters(bench.db)).toBe(1);
    expect(await sweepDeadLetters(bench.db)).toBe(0);
    await server.ask("avesa_etl_user", "ALTER TABLE mends DELETE WHERE 0", { database });
  });

  it("leaves nothing behind", async () => {
    expect(
      await server.ask(
        "admin",
        `SELECT name FROM system.tables WHERE database = '${database}'
         AND match(name, '^(lease_|staging_|_tmp)')`,
      ),
    ).toBe("");
  });

  it("finds the tables up to date, so that a console can start with it", async () => {
    expect(await migrate(bench.db)).toEqual({ applied: [] });
  });

  it.each([
    "DROP TABLE companies_scd",
    "ALTER TABLE companies_scd ADD COLUMN x UInt8",
    "RENAME TABLE companies_scd TO companies_gone",
    "TRUNCATE TABLE companies_log",
    "ALTER TABLE users DELETE WHERE 1",
    "CREATE TABLE mine (x UInt8) ENGINE = MergeTree ORDER BY x",
    "CREATE DATABASE other",
    "CREATE USER other",
    "GRANT SELECT ON *.* TO avesa_app",
    "INSERT INTO FUNCTION s3('STORE/x.csv', 'k', 's', 'CSV', 'x UInt8') SELECT 1",
    "SELECT * FROM s3('https://elsewhere.s3.us-east-2.amazonaws.com/x.csv', 'CSV')",
    "SELECT * FROM s3('https://elsewhere.example/STORE/x.csv', 'CSV')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1/', 'CSV')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM system.users",
  ])("may not: %s", async (statement) => {
    const placed = statement.replace("STORE", storeUrl);
    await expect(server.ask("avesa_etl_user", placed, { database })).rejects.toThrow(
      /ACCESS_DENIED/,
    );
  });
});

describe("avesa_reader_user", () => {
  it("reads all tenants, but no password hash, and writes nothing", async () => {
    const ask = async (statement: string): Promise<string> =>
      server.ask("avesa_reader_user", statement, { database });
    expect(await ask("SELECT uniqExact(tenant_id) FROM companies_scd")).toBe("3");
    expect(await ask("SELECT count() > 0 FROM runs")).toBe("1");
    await expect(ask("SELECT password_hash FROM users")).rejects.toThrow(/ACCESS_DENIED/);
    await expect(ask("INSERT INTO runs (run_id) VALUES ('x')")).rejects.toThrow(
      /ACCESS_DENIED|READONLY/,
    );
  });
});

describe("avesa_app_user", () => {
  const ask = async (statement: string, tenant?: string): Promise<string> =>
    server.ask("avesa_app_user", statement, {
      database,
      ...(tenant === undefined ? {} : { log_comment: tenant }),
    });

  it("sees the tenant of the statement and no other", async () => {
    for (const tenant of [acme, globex]) {
      const other = tenant === acme ? globex : acme;
      for (const source of [
        "companies_scd FINAL",
        "companies_current",
        `companies_history_of_tenant(tenant_id = '${tenant}')`,
      ]) {
        expect(await ask(`SELECT DISTINCT tenant_id FROM ${source}`, tenant)).toBe(tenant);
      }
      for (const source of [
        `companies_scd WHERE tenant_id = '${other}'`,
        `companies_current WHERE tenant_id = '${other}'`,
        `companies_current_of_tenant(tenant_id = '${other}')`,
        `companies_history_of_tenant(tenant_id = '${other}')`,
      ]) {
        expect(await ask(`SELECT count() FROM ${source}`, tenant)).toBe("0");
      }
    }
  });

  it("sees nothing without a tenant, or with one that is not there", async () => {
    expect(await ask("SELECT count() FROM companies_scd")).toBe("0");
    expect(await ask("SELECT count() FROM companies_current", "nobody' OR 1")).toBe("0");
  });

  it.each([
    "SELECT * FROM runs",
    "SELECT * FROM users",
    "SELECT * FROM dead_letters",
    "SELECT * FROM companies_log",
    "INSERT INTO companies_scd (tenant_id) VALUES ('x')",
    "ALTER TABLE companies_scd DELETE WHERE 1",
    "DROP TABLE companies_scd",
    "CREATE TABLE t (x UInt8) ENGINE = Memory",
    "CREATE USER other",
    "SELECT * FROM s3('https://acme.canonical.s3.amazonaws.com/x.csv', 'CSV')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SET readonly = 0",
  ])("may not: %s", async (statement) => {
    await expect(ask(statement, acme)).rejects.toThrow(/ACCESS_DENIED|READONLY/);
  });

  it("has limits it cannot lift, and a quota", async () => {
    const limits = await ask(
      "SELECT getSetting('readonly'), getSetting('max_execution_time'), getSetting('max_result_rows')",
    );
    expect(limits.split("\t")).toEqual(["2", "15", "100000"]);
    for (const setting of [
      "max_execution_time = 0",
      "max_execution_time = 61",
      "max_result_rows = 0",
    ]) {
      await expect(ask(`SELECT 1 SETTINGS ${setting}`)).rejects.toThrow(
        /SETTING_CONSTRAINT_VIOLATION/,
      );
    }
    const [max = "", used = ""] = (
      await server.ask(
        "admin",
        "SELECT max_queries, queries FROM system.quotas_usage WHERE quota_name = 'avesa_app'",
      )
    ).split("\t");
    expect(max).toBe("6000");
    expect(Number(used)).toBeGreaterThan(0);
  });
});
