import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { entityOf, tableNames } from "@/lib/catalog";
import { searchEntities } from "@/server/analytics/entity-search";
import { readTenants } from "@/server/analytics/fleet";
import { closeDb, type Db, getDb, getReaderDb } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { overrideEnv } from "@/server/env";
import { executeRun } from "@/server/runs/execute-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { startRun } from "@/server/runs/start-run";
import { exportHistory } from "@/server/scd2/export-history";
import { scopeToTenant } from "@/server/tenant-scope";
import { registerTenant } from "@/server/tenants/register-tenant";

import { type AccessServer, SERVER_PASSWORD, startAccessServer } from "../support/access/server";
import { clusterUsers } from "../support/access/cluster-users";
import { ndjson } from "../support/load";
import { runAvesa } from "../support/run-avesa";
import { type StoreFixture, openStore } from "../support/store-fixture";

// A ClickHouse that was started by somebody else, with users of its own: the product is pointed at it by its settings alone.

const database = "avesa_second";
const companies = entityOf("companies");
if (companies === undefined) throw new Error("The catalogue has no companies.");
let server: AccessServer;
let objects: StoreFixture;
let settings: Record<string, string>;

beforeAll(async () => {
  server = await startAccessServer((passwordHash) =>
    clusterUsers({
      passwordHash,
      database,
      tables: tableNames,
      portals: { portal_acme: "acme" },
    }),
  );
  objects = await openStore("directory");
  settings = {
    CLICKHOUSE_URL: server.url,
    CLICKHOUSE_DATABASE: database,
    CLICKHOUSE_USER: "console",
    CLICKHOUSE_PASSWORD: SERVER_PASSWORD,
    CLICKHOUSE_READER_USER: "watcher",
    CLICKHOUSE_READER_PASSWORD: SERVER_PASSWORD,
    CANONICAL_STORE: objects.directory,
  };
  for (const [tenant, names] of [
    ["acme", ["Acme", "Acme Nord", "Acme Sud"]],
    ["globex", ["Globex"]],
  ] as const) {
    const records = names.map((company_name, index) => ({
      company_id: String(index + 1),
      company_name,
      status: "Active",
      last_updated: "2026-01-01",
    }));
    const key = `${tenant}/canonical/companies/c-20260101T000000Z.ndjson`;
    await objects.put(key, Buffer.from(ndjson(records)));
  }
}, 60_000);

afterAll(async () => {
  stopHeartbeat();
  await closeDb();
  await server.close();
  await objects.close();
});

/** This process's own handles, as one account or another. */
async function signIn(user: string, password = SERVER_PASSWORD): Promise<Db> {
  await closeDb();
  overrideEnv({
    ...settings,
    CLICKHOUSE_USER: user,
    CLICKHOUSE_PASSWORD: password,
    CLICKHOUSE_READER_USER: "",
  });
  return getDb();
}

async function tenantsIn(db: Db, source: string): Promise<string[]> {
  const rows = await db.rows(
    { name: "test.tenants", sql: `SELECT DISTINCT tenant_id FROM ${source} ORDER BY tenant_id` },
    z.object({ tenant_id: z.string() }),
  );
  return rows.map((row) => row.tenant_id);
}

describe("a server of somebody else's", () => {
  it("is migrated, loaded and verified through its settings alone", async () => {
    const load = await runAvesa(
      ["load", "--tenant", "acme", "--mode", "bulk", "--table", "companies"],
      settings,
    );
    expect(load).toMatchObject({ code: 0 });
    expect(load.err).toMatch(/Applied \d+ migrations/);
    expect(JSON.parse(load.out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      status: "succeeded",
      read: 3,
      new: 3,
    });
    const verify = await runAvesa(["verify", "--tenant", "acme"], settings);
    expect(verify).toMatchObject({ code: 0 });
    expect(verify.out).toContain("3 entities, 3 versions, 3 current");
    expect(
      await server.ask("admin", `SELECT count() FROM ${database}.companies_scd WHERE is_current`),
    ).toBe("3");
  });

  it("says in one line that it refused the password, and does nothing", async () => {
    const refused = await runAvesa(["load", "--tenant", "acme", "--mode", "incremental"], {
      ...settings,
      CLICKHOUSE_PASSWORD: "wrong",
    });
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err.trim()).toMatch(
      /^ClickHouse refused the user or password \(statement "[\w.]+"\)$/,
    );
  });

  it("is read by the screens with the reading account, which cannot write", async () => {
    const db = await signIn("console");
    await registerTenant(db, { tenantId: "globex", createdBy: "test" });
    const { runId } = await startRun(db, {
      tenantId: "globex",
      mode: "bulk",
      tables: ["companies"],
      trigger: "cli",
      requestedBy: "test",
    });
    const ended = await executeRun(runContext(db, objects.store), runId);
    expect(ended).toMatchObject({ status: "succeeded" });
    await closeDb();
    overrideEnv(settings);
    const shown = await readTenants({ search: "", health: [], after: null, limit: 10 });
    expect(shown.rows.map((row) => row.tenantId)).toEqual(["acme", "globex"]);
    const reader = await getReaderDb();
    expect(await tenantsIn(reader, "companies_current")).toEqual(["acme", "globex"]);
    for (const sql of [
      "INSERT INTO runs (run_id) VALUES ('x')",
      "ALTER TABLE companies_scd DROP PARTITION 'acme'",
      "CREATE TABLE mine (x UInt8) ENGINE = MergeTree ORDER BY x",
      "SET readonly = 0",
    ]) {
      await expect(reader.command({ name: "test.write", sql })).rejects.toThrow(
        /ClickHouse reported (ACCESS_DENIED|READONLY)/,
      );
    }
  });

  it("shows an account with row filters its own tenant, through the product's reads and views", async () => {
    const admin = await signIn("console");
    const actor = { username: "test", displayName: "Test", role: "viewer" as const };
    const scopes = {
      acme: await scopeToTenant(admin, actor, "acme"),
      globex: await scopeToTenant(admin, actor, "globex"),
    };
    const everything = await tenantsIn(admin, "companies_scd FINAL");
    expect(everything).toEqual(["acme", "globex"]);

    const portal = await signIn("portal_acme");
    for (const source of ["companies_scd", "companies_scd FINAL", "companies_current"]) {
      expect(await tenantsIn(portal, source)).toEqual(["acme"]);
    }
    const found = async (tenant: keyof typeof scopes): Promise<string[]> => {
      const input = { query: "", after: null, limit: 10 };
      const { rows } = await searchEntities(scopes[tenant], companies, input, portal);
      return rows.map((row) => row.id).toSorted();
    };
    expect(await found("acme")).toEqual(["1", "2", "3"]);
    expect(await found("globex")).toEqual([]);
    const exported = async (tenant: string): Promise<number> => {
      const lines = await text(await exportHistory(portal, tenant, companies));
      return lines.split("\n").filter((line) => line !== "").length;
    };
    expect([await exported("acme"), await exported("globex")]).toEqual([3, 0]);
    for (const [tenant, rows] of [
      ["acme", 3],
      ["globex", 0],
    ] as const) {
      for (const view of ["companies_current_of_tenant", "companies_history_of_tenant"]) {
        const { n } = await portal.row(
          {
            name: "test.view",
            sql: `SELECT count() AS n FROM ${view}(tenant_id = {tenant:String})`,
            params: { tenant },
          },
          z.object({ n: zCount }),
        );
        expect({ view, tenant, n }).toEqual({ view, tenant, n: rows });
      }
    }
    await expect(tenantsIn(portal, "tickets_log")).rejects.toThrow(/ACCESS_DENIED/);
    await expect(tenantsIn(portal, "runs")).rejects.toThrow(/ACCESS_DENIED/);
  });
});
