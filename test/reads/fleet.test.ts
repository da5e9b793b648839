import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFleet, readTenants } from "@/server/analytics/fleet";
import { readNav } from "@/server/analytics/nav";
import { readThroughput } from "@/server/analytics/throughput";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import {
  ago,
  putBatches,
  putDeadLetters,
  putRuns,
  putRunTables,
  putStates,
  putTenants,
} from "@/test/support/operations";

let test: TestDb;

beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [
    { tenant_id: "fine", name: "Fine" },
    { tenant_id: "late-1", name: "Late One" },
    { tenant_id: "late-2", name: "Late Two" },
    { tenant_id: "stopped", name: "Stopped" },
    { tenant_id: "silent", name: "Silent" },
    { tenant_id: "queued", name: "Queued", source_system: "salesforce" },
    { tenant_id: "broken", name: "Broken" },
    { tenant_id: "new", name: "New" },
  ]);
  await putStates(db, [
    { tenant_id: "fine" },
    { tenant_id: "late-1", newest_object_at: ago(7_200) },
    { tenant_id: "late-2", newest_object_at: ago(9_000) },
    { tenant_id: "stopped", newest_object_at: ago(8_000) },
    { tenant_id: "silent", newest_object_at: ago(300) },
    { tenant_id: "queued", newest_object_at: ago(5_000) },
    { tenant_id: "broken", invariants_held: 5, invariants_broken: ["no overlap"] },
  ]);
  await putRuns(db, [
    { run_id: "01A", tenant_id: "fine" },
    { run_id: "01B", tenant_id: "late-1" },
    { run_id: "01C", tenant_id: "late-2" },
    { run_id: "01D", tenant_id: "stopped", status: "failed" },
    {
      run_id: "01E",
      tenant_id: "silent",
      status: "running",
      finished_at: null,
      heartbeat_at: ago(600),
      worker: "gone:1",
    },
    {
      run_id: "01F",
      tenant_id: "queued",
      status: "queued",
      started_at: null,
      finished_at: null,
      tables: [],
    },
  ]);
  await putRunTables(db, [
    { run_id: "01A", tenant_id: "fine", read: 10, new: 9, rejected: 1 },
    { run_id: "01B", tenant_id: "late-1" },
    { run_id: "01C", tenant_id: "late-2" },
    {
      run_id: "01D",
      tenant_id: "stopped",
      status: "failed",
      error:
        "71.7 % of the rows were rejected (215 of 300), the threshold is 10 %. Nothing was published.",
    },
    {
      run_id: "01E",
      tenant_id: "silent",
      status: "running",
      step: "merge",
      finished_at: null,
    },
  ]);
  await putBatches(db, [
    { run_id: "01A", tenant_id: "fine", read: 1000, rejected: 20, published_at: ago(1) },
  ]);
  await putDeadLetters(db, [
    { dead_letter_id: "d1", tenant_id: "fine" },
    { dead_letter_id: "d2", tenant_id: "fine", status: "discarded" },
  ]);
});
afterAll(() => test.close());

const everything = { health: [], after: null, limit: 100 } as const;

describe("the fleet", () => {
  it("puts the worst first and says why each table is late", async () => {
    const fleet = await readFleet(everything, test.db);
    const found = fleet.rows.map((tenant) => {
      const tickets = tenant.tables.find((table) => table.tableName === "tickets");
      return [tenant.tenantId, tenant.health, tickets?.state, tickets?.cause];
    });
    expect(found.slice(0, 2).toSorted()).toEqual([
      ["broken", "degraded", "within", null],
      ["stopped", "degraded", "blocked", "rejected"],
    ]);
    expect(found.slice(2)).toEqual([
      ["late-2", "warning", "late", "no_file"],
      ["late-1", "warning", "late", "no_file"],
      ["queued", "warning", "late", "queued"],
      ["silent", "warning", "within", null],
      ["new", "unknown", "never", null],
      ["fine", "healthy", "within", null],
    ]);
    expect(fleet.health).toEqual({ degraded: 2, warning: 4, unknown: 1, healthy: 1 });
    expect(fleet.tables).toBe(32);
    expect(fleet.tablesWithinTarget).toBe(3);
  });

  it("takes the counts of a batch stopped at the threshold from the words of its error", async () => {
    const fleet = await readFleet({ ...everything, health: ["degraded"] }, test.db);
    const stopped = fleet.rows.find((tenant) => tenant.tenantId === "stopped");
    expect([stopped?.read, stopped?.rejected]).toEqual([300, 215]);
  });

  it("merges equal causes into one line and shows at most five", async () => {
    const { needs, needsMore } = await readFleet(everything, test.db);
    expect(needs.map((need) => [need.status, need.who, need.what])).toEqual([
      ["failed", "Stopped", "tickets"],
      ["degraded", "Broken", "tickets"],
      ["stalled", "Silent", "tickets"],
      ["warning", "2 tenants", "ServiceNow"],
      ["warning", "Queued", "tickets"],
    ]);
    expect(needsMore).toBe(1);
    expect(needs[0]?.target).toEqual({
      kind: "rejects",
      tenantId: "stopped",
      tableName: "tickets",
    });
    expect(needs[0]?.sentence).toContain("threshold 10");
  });

  it("pages without repeating or leaving out a tenant", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await readFleet({ health: [], after, limit: 3 }, test.db);
      seen.push(...page.rows.map((tenant) => tenant.tenantId));
      after = page.next;
    } while (after !== null);
    expect(seen).toHaveLength(8);
    expect(new Set(seen).size).toBe(8);
  });

  it("refuses a place in the list that it did not make", async () => {
    await expect(readFleet({ ...everything, after: "%%%" }, test.db)).rejects.toMatchObject({
      code: "invalid-input",
    });
  });
});

describe("the list of tenants", () => {
  it("is by name, found by name, id or source, and paged", async () => {
    const first = await readTenants({ search: "", health: [], after: null, limit: 5 }, test.db);
    expect(first.rows.map((tenant) => tenant.name)).toEqual([
      "Broken",
      "Fine",
      "Late One",
      "Late Two",
      "New",
    ]);
    const rest = await readTenants(
      { search: "", health: [], after: first.next, limit: 5 },
      test.db,
    );
    expect(rest.rows.map((tenant) => tenant.name)).toEqual(["Queued", "Silent", "Stopped"]);
    expect(rest.next).toBeNull();
    const found = await readTenants(
      { search: "SALES", health: [], after: null, limit: 5 },
      test.db,
    );
    expect(found.rows.map((tenant) => tenant.tenantId)).toEqual(["queued"]);
    expect([found.matching, found.total]).toEqual([1, 8]);
  });
});

describe("throughput", () => {
  it("spreads a batch over its seconds and leaves a gap where no run was at work", async () => {
    const reply = await readThroughput("6h", test.db);
    expect(reply.read).toBe(1000);
    expect(reply.rejected).toBe(20);
    expect(reply.buckets.length).toBeGreaterThanOrEqual(72);
    expect(reply.buckets[10]?.rowsPerSecond).toBeNull();
    expect(reply.buckets.some((bucket) => (bucket.rowsPerSecond ?? 0) > 0)).toBe(true);
  });
});

describe("the frame", () => {
  it("counts open runs and open dead letters", async () => {
    const nav = await readNav(test.db);
    expect(nav.tenants.map((tenant) => tenant.name)[0]).toBe("Broken");
    expect([nav.runs, nav.deadLetters]).toEqual([2, 1]);
  });
});
