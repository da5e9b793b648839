import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/server/auth/actor";
import { readRun, tenantOfRun } from "@/server/analytics/run-detail";
import { readRunEvents } from "@/server/analytics/run-events";
import { readRuns } from "@/server/analytics/run-list";
import { readRunsInFlight } from "@/server/analytics/runs-in-flight";
import { readNewestValidation, readRunValidation } from "@/server/analytics/validation";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import {
  ago,
  putEvents,
  putRuns,
  putRunTables,
  putSteps,
  putTenants,
  putValidation,
} from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
let test: TestDb;
let acme: TenantScope;
let other: TenantScope;

beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [{ tenant_id: "acme" }, { tenant_id: "other" }]);
  acme = await scopeToTenant(db, somebody, "acme");
  other = await scopeToTenant(db, somebody, "other");
  await putRuns(
    db,
    Array.from({ length: 7 }, (_, index) => ({
      run_id: `01${index}`,
      tenant_id: "acme",
      created_at: ago(1_000 - index * 10),
      started_at: ago(1_000 - index * 10),
      finished_at: ago(900 - index * 10),
    })),
  );
  await putRuns(db, [
    {
      run_id: "0190",
      tenant_id: "acme",
      status: "running",
      created_at: ago(60),
      started_at: ago(50),
      finished_at: null,
      tables: [],
    },
    { run_id: "0191", tenant_id: "other", mode: "bulk", status: "failed", created_at: ago(40) },
  ]);
  await putRunTables(db, [
    ...Array.from({ length: 7 }, (_, index) => ({
      run_id: `01${index}`,
      tenant_id: "acme",
      started_at: ago(1_000 - index * 10),
      finished_at: ago(940 - index * 10),
      read: 10,
      new: 10,
    })),
    {
      run_id: "0190",
      tenant_id: "acme",
      status: "running",
      step: "merge",
      finished_at: null,
      rows_total: 100,
      rows_done: 62,
      read: 62,
      new: 50,
      changed: 12,
    },
  ]);
  await putSteps(db, [
    { run_id: "0190", tenant_id: "acme", table_name: "", step: "initialize" },
    { run_id: "0190", tenant_id: "acme", step: "stage", started_at: ago(48) },
    {
      run_id: "0190",
      tenant_id: "acme",
      step: "merge",
      status: "running",
      started_at: ago(30),
      finished_at: null,
    },
  ]);
  await putEvents(
    db,
    Array.from({ length: 25 }, (_, index) => ({
      run_id: "0190",
      tenant_id: "acme",
      at: ago(100 - index),
      level: index % 10 === 0 ? "error" : "info",
      table_name: index % 2 === 0 ? "tickets" : "contacts",
      message: `event ${index}`,
    })),
  );
  await putValidation(db, [
    { run_id: "015", tenant_id: "acme", rule: "required", field: "status", checked: 5 },
    ...[1, 2].map((batch) => ({
      run_id: "0190",
      tenant_id: "acme",
      batch,
      rule: "numeric",
      field: "actual_hours",
      checked: 100,
      failed: batch,
      samples: [
        {
          object_key: "k",
          source_row: batch,
          entity_id: "7",
          value: "x".repeat(1_000),
          message: "is not a number",
        },
      ],
    })),
    { run_id: "0190", tenant_id: "acme", batch: 2, rule: "json", checked: 100 },
  ]);
});
afterAll(() => test.close());

describe("the list of runs", () => {
  it("pages by time and id, and keeps its rows while new runs come in", async () => {
    const first = await readRuns(
      { after: null, until: null, limit: 4, tenants: ["acme"] },
      test.db,
    );
    expect(first.rows.map((run) => run.runId)).toEqual(["0190", "016", "015", "014"]);
    expect(first.matching).toEqual({ count: 8, capped: false });
    expect(first.newer.count).toBe(0);
    await putRuns(test.db, [{ run_id: "0199", tenant_id: "acme", created_at: ago(0) }]);
    const again = await readRuns(
      { after: null, until: first.until, limit: 4, tenants: ["acme"] },
      test.db,
    );
    expect(again.rows.map((run) => run.runId)).toEqual(["0190", "016", "015", "014"]);
    expect(again.newer).toEqual({ count: 1, capped: false });
    const second = await readRuns(
      { after: first.next, until: first.until, limit: 4, tenants: ["acme"] },
      test.db,
    );
    expect(second.rows.map((run) => run.runId)).toEqual(["013", "012", "011", "010"]);
    expect(second.next).toBeNull();
  });

  it("filters by status, mode and time", async () => {
    const failed = await readRuns(
      { after: null, until: null, limit: 10, status: ["failed"], mode: "bulk" },
      test.db,
    );
    expect(failed.rows.map((run) => run.runId)).toEqual(["0191"]);
    const early = await readRuns(
      { after: null, until: null, limit: 10, from: ago(1_100), to: ago(985) },
      test.db,
    );
    expect(early.rows.map((run) => run.runId)).toEqual(["011", "010"]);
  });

  it("binds hostile values instead of splicing them", async () => {
    const found = await readRuns(
      { after: null, until: null, limit: 10, tenants: ["x') OR 1=1 --"] },
      test.db,
    );
    expect(found.rows).toEqual([]);
  });

  it("names every table for a run that asked for none in particular", async () => {
    const { rows } = await readRuns(
      { after: null, until: null, limit: 1, status: ["running"] },
      test.db,
    );
    expect(rows[0]?.tables).toEqual(["companies", "contacts", "tickets", "time_entries"]);
    expect(rows[0]?.steps).toEqual(["merge"]);
  });
});

describe("runs in flight", () => {
  it("estimates from five past runs of the tenant and mode", async () => {
    const { rows, total } = await readRunsInFlight(test.db);
    expect(total).toBe(1);
    expect(rows[0]?.estimate).toMatchObject({
      p50Seconds: expect.closeTo(100, 1),
      p90Seconds: expect.closeTo(100, 1),
    });
  });
});

describe("a run", () => {
  it("has its tables, steps and the usual time of each table", async () => {
    const reply = await readRun(acme, "0190", test.db);
    expect(reply.tables).toHaveLength(1);
    expect(reply.tables[0]).toMatchObject({ status: "running", usualSeconds: 60 });
    expect(reply.tables[0]?.ledger).toMatchObject({ read: 62, new: 50, changed: 12 });
    expect(reply.steps.map((step) => step.step)).toEqual(["initialize", "stage", "merge"]);
    expect(reply.timeZone).toBe("Europe/Stockholm");
  });

  it("is not there for another tenant's scope", async () => {
    await expect(readRun(other, "0190", test.db)).rejects.toMatchObject({ code: "not-found" });
    expect(await tenantOfRun("0190", test.db)).toBe("acme");
    expect(await tenantOfRun("none", test.db)).toBeUndefined();
  });

  it("pages its events from the tail, filtered by level, table and words", async () => {
    const ask = { runId: "0190", level: "info", tableName: "", search: "", limit: 10 } as const;
    const tail = await readRunEvents(acme, { ...ask, before: null }, test.db);
    expect(tail.rows[0]?.message).toBe("event 24");
    expect(tail.matching).toEqual({ count: 25, capped: false });
    const older = await readRunEvents(acme, { ...ask, before: tail.older }, test.db);
    expect(older.rows[0]?.message).toBe("event 14");
    const errors = await readRunEvents(
      acme,
      { ...ask, level: "error", tableName: "tickets", search: "EVENT 2", before: null },
      test.db,
    );
    expect(errors.rows.map((row) => row.message)).toEqual(["event 20"]);
    const foreign = await readRunEvents(other, { ...ask, before: null }, test.db);
    expect(foreign.rows).toEqual([]);
  });

  it("adds the batches of a rule up and cuts long samples", async () => {
    const { rows } = await readRunValidation(acme, "0190", test.db);
    expect(rows[0]).toMatchObject({ rule: "numeric", checked: 200, failed: 3 });
    expect(rows[0]?.samples).toHaveLength(2);
    expect(rows[0]?.samples[0]?.value).toHaveLength(300);
    const newest = await readNewestValidation(acme, test.db);
    expect(newest.rows.map((row) => [row.rule, row.failed])).toEqual([
      ["json", 0],
      ["numeric", 2],
    ]);
  });
});
