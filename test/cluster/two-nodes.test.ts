import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type Entity, entityOf } from "@/lib/catalog";
import { asDeadLetterFilter } from "@/server/analytics/dead-letter-filter";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { searchEntities } from "@/server/analytics/entity-search";
import { readFleet, readTenants } from "@/server/analytics/fleet";
import { readNav } from "@/server/analytics/nav";
import { readRuns } from "@/server/analytics/run-list";
import { carryOutForVerb } from "@/server/cli/carry-out-for-verb";
import { startWork } from "@/server/cli/start-work";
import { type Db, getReaderDb } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { migrateAll } from "@/server/clickhouse/migrate-all";
import { overrideEnv } from "@/server/env";
import { readHealth } from "@/server/health";
import { commandLineActor } from "@/server/pipeline/command-line";
import { registerTenantOperation } from "@/server/pipeline/operations/register-tenant";
import { startRunOperation } from "@/server/pipeline/operations/start-run";
import { executeRun } from "@/server/runs/execute-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { exportHistory } from "@/server/scd2/export-history";
import { scopeToTenant } from "@/server/tenant-scope";
import { homeOf } from "@/server/tenants/placement";

import { type TestDb, testDb } from "../support/clickhouse";
import { ndjson } from "../support/load";
import { type StoreFixture, openStore } from "../support/store-fixture";
import { type TwoNodes, startTwoNodes } from "../support/two-nodes";
import { until } from "../support/until";

// The same tenants on one server, and spread over two that make up a cluster: the answers are the same, and each tenant's
// work stays on its own server.

const TENANTS = ["acme", "globex", "initech"];
const TABLES = ["companies", "contacts"];
let single: TestDb;
let objects: StoreFixture;
let nodes: TwoNodes;

beforeAll(async () => {
  objects = await openStore("directory");
  for (const [index, tenant] of TENANTS.entries()) await land(tenant, 20 + 10 * index);
  single = await testDb();
  await loadAll(single.db);
  overrideEnv({ CANONICAL_STORE: objects.directory, AVESA_SCHEDULES: "off" });
  nodes = await startTwoNodes("avesa_nodes");
  await loadAll(nodes.db);
});

afterAll(async () => {
  stopHeartbeat();
  await nodes.close();
  await single.close();
  await objects.close();
});

function entity(name: string): Entity {
  const found = entityOf(name);
  if (found === undefined) throw new Error(`The catalogue has no ${name}.`);
  return found;
}

/** Two deliveries of a tenant's records: half of them change, one cannot be taken in. */
async function land(tenant: string, records: number): Promise<void> {
  for (const [day, step] of [
    ["01", 1],
    ["02", 2],
  ] as const) {
    const some = Array.from({ length: Math.floor(records / step) }, (_, index) => index * step);
    const companies = some.map((id) => ({
      company_id: `${tenant}-${id}`,
      company_name: `${tenant} ${id} of day ${day}`,
      status: id % 3 === 0 ? "Inactive" : "Active",
      last_updated: `2026-01-${day}T00:00:00Z`,
    }));
    const contacts = some.map((id) => ({
      contact_id: `c-${id}`,
      company_id: `${tenant}-${id}`,
      default_email_address: id === 2 ? "nobody" : `p${id}@${tenant}.example`,
      last_updated: `2026-01-${day}T00:00:00Z`,
    }));
    const at = `202601${day}T000000Z.ndjson`;
    await objects.put(`${tenant}/canonical/companies/c-${at}`, Buffer.from(ndjson(companies)));
    await objects.put(`${tenant}/canonical/contacts/c-${at}`, Buffer.from(ndjson(contacts)));
  }
}

/** As a person would: each tenant is registered and its load asked for; whoever carries runs out does the rest. */
async function loadAll(db: Db): Promise<void> {
  overrideEnv({ CANONICAL_STORE: objects.directory, AVESA_SCHEDULES: "off" });
  const work = startWork(db);
  try {
    for (const tenantId of TENANTS) {
      await carryOutForVerb(db, registerTenantOperation, { tenantId });
      await carryOutForVerb(db, startRunOperation("cli", true), {
        tenantId,
        mode: "bulk",
        tables: TABLES,
      });
    }
    await until(
      "all runs have ended",
      async () => (await endedRuns(db)) === TENANTS.length,
      100_000,
    );
  } finally {
    await work.stop();
  }
}

const Found = z.looseObject({});

async function rows(db: Db, sql: string): Promise<object[]> {
  return db.rows({ name: "test.read", sql }, Found);
}

async function endedRuns(db: Db): Promise<number> {
  const ended = await rows(
    fleetOf(db),
    "SELECT run_id FROM runs FINAL WHERE finished_at IS NOT NULL",
  );
  return ended.length;
}

async function exported(db: Db, tenant: string, table: string): Promise<string> {
  return text(await exportHistory(await homeOf(db, tenant), tenant, entity(table)));
}

describe("tenants on two servers", () => {
  it("are placed where fewest are, and stay apart", async () => {
    expect(await migrateAll(nodes.db)).toBe(0);
    const held = await Promise.all(
      nodes.db.shards.map(async (shard) => {
        const found = await rows(
          shard,
          `SELECT DISTINCT partition AS tenant FROM system.parts
           WHERE database = currentDatabase() AND match(table, '_(log|scd)$') AND active ORDER BY tenant`,
        );
        return found.map((row) => (row as { tenant: string }).tenant);
      }),
    );
    expect(held).toEqual([["acme", "initech"], ["globex"]]);
    for (const shard of nodes.db.shards) {
      // Without it the leases there would be taken for those of the dead.
      expect(
        await rows(shard, "SELECT DISTINCT token FROM leases WHERE lease = 'worker'"),
      ).toHaveLength(1);
    }
    await expect(
      carryOutForVerb(nodes.db, registerTenantOperation, { tenantId: "x", shard: 3 }),
    ).rejects.toThrow("There is no server 3; there are 2.");
    await carryOutForVerb(nodes.db, registerTenantOperation, { tenantId: "hooli", shard: 2 });
    expect(await homeOf(nodes.db, "hooli")).toBe(nodes.db.shards[1]);
    await carryOutForVerb(single.db, registerTenantOperation, { tenantId: "hooli" });
    await expect(
      carryOutForVerb(nodes.db, registerTenantOperation, { tenantId: "globex" }),
    ).rejects.toThrow(/registered already/);
  });

  it("have the same history as on one", async () => {
    for (const tenant of TENANTS) {
      for (const table of TABLES) {
        const lines = await exported(nodes.db, tenant, table);
        expect(lines).toBe(await exported(single.db, tenant, table));
        expect(lines.split("\n").length).toBeGreaterThan(19);
      }
    }
  });

  it.each([
    "SELECT tenant_id, status, count() AS n FROM companies_current GROUP BY ALL ORDER BY ALL",
    "SELECT tenant_id, count() AS n, sum(is_current) AS current FROM contacts_scd FINAL GROUP BY ALL ORDER BY ALL",
    "SELECT tenant_id, table_name, entities, versions, current FROM table_states FINAL ORDER BY ALL",
    "SELECT tenant_id, table_name, sum(read) AS read, sum(rejected) AS rejected FROM batches FINAL GROUP BY ALL ORDER BY ALL",
    `SELECT company.status AS status, uniqExact(contact.contact_id, contact.tenant_id) AS contacts
     FROM (SELECT * FROM contacts_current) AS contact
     JOIN (SELECT * FROM companies_current) AS company
       ON company.tenant_id = contact.tenant_id AND company.company_id = contact.company_id
     GROUP BY ALL ORDER BY ALL`,
    `SELECT count() AS n FROM contacts_current WHERE (tenant_id, company_id) IN
       (SELECT tenant_id, company_id FROM companies_current WHERE status = 'Inactive')`,
  ])("give the same answer over Distributed tables: %s", async (sql) => {
    const answer = await rows(fleetOf(await getReaderDb()), sql);
    expect(answer).toEqual(await rows(single.db, sql));
    expect(answer).not.toEqual([]);
  });

  it("look the same on the fleet's pages", async () => {
    const reader = single.db.asReader();
    const seen = async (db?: Db): Promise<unknown> => {
      const page = { after: null, limit: 50 };
      const tenants = await readTenants({ ...page, search: "", health: [] }, db);
      const fleet = await readFleet({ ...page, health: [] }, db);
      const open = asDeadLetterFilter({ status: "open" });
      const groups = await readDeadLetterGroups({ ...open, ...page }, db);
      const runs = await readRuns({ ...page, until: null }, db);
      return { tenants, fleet, groups, runs, nav: await readNav(db) };
    };
    expect(plain(await seen())).toEqual(plain(await seen(reader)));
    await reader.close();
  });

  it.each([
    ["acme", 0, 1],
    ["globex", 1, 0],
  ] as const)("leave the other server alone while %s is loaded", async (tenant, own, other) => {
    const at = "20260103T000000Z.ndjson";
    await objects.put(
      `${tenant}/canonical/companies/c-${at}`,
      Buffer.from(
        ndjson([
          {
            company_id: `${tenant}-1`,
            company_name: "New",
            status: "Active",
            last_updated: "2026-01-03",
          },
        ]),
      ),
    );
    const started = z.object({ runId: z.string() }).parse(
      await carryOutForVerb(nodes.db, startRunOperation("cli"), {
        tenantId: tenant,
        mode: "incremental",
        tables: TABLES,
      }),
    );
    const home = await homeOf(nodes.db, tenant);
    expect(home).toBe(nodes.db.shards[own]);
    // Of loads before this one.
    stopHeartbeat();
    const before = await countStatements(other);
    const end = await executeRun(runContext(home, objects.store), started.runId);
    const after = await countStatements(other);
    expect(end).toMatchObject({ status: "succeeded" });
    // The count itself is one.
    expect(after - before).toBe(1);
    const { rows: found } = await searchEntities(
      await scopeToTenant(fleetOf(nodes.db), commandLineActor(), tenant),
      entity("companies"),
      { query: `${tenant}-1`, after: null, limit: 1 },
    );
    expect(found).toMatchObject([{ id: `${tenant}-1`, title: "New", versions: 2 }]);
  });

  it("do not need each other's server", async () => {
    await nodes.servers[1].close();
    const scope = await scopeToTenant(nodes.db, commandLineActor(), "acme");
    const input = { query: "", after: null, limit: 5 };
    expect((await searchEntities(scope, entity("companies"), input)).rows).toHaveLength(5);
    await expect(readNav()).rejects.toThrow(/ClickHouse/);
    expect(await readHealth()).toMatchObject({ status: "unavailable", clickhouse: "away" });
  });
});

async function countStatements(server: 0 | 1): Promise<number> {
  return Number(
    await nodes.servers[server].ask(
      "admin",
      "SELECT value FROM system.events WHERE event = 'Query'",
    ),
  );
}

/** Without what differs from one load to the next: times, ids of runs, and of who carried them out. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? "a time" : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !/run_?id|second|worker|^next$|^until$|id$/i.test(key))
      .map(([key, field]) => [key, plain(field)]),
  );
}
