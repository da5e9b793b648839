import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tickets } from "@/lib/catalog/tickets";
import type { Actor } from "@/server/auth/actor";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { entityKey, parseEntityKey } from "@/server/analytics/entity-key";
import { searchEntities } from "@/server/analytics/entity-search";
import { readLineage } from "@/server/analytics/lineage";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putObjects, putRuns, putTenants, putTickets } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
const ODD_IDS = [
  "a/b",
  "..",
  ".",
  "50 %",
  "%41",
  "~x",
  "quote' \" back\\slash",
  "line\nbreak\ttab",
  "'; DROP TABLE tickets_scd; --",
  "ünïcode ✓",
  " ",
  "x".repeat(10_000),
  "\n".repeat(10_000),
];

let test: TestDb;
let acme: TenantScope;
let other: TenantScope;

beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [{ tenant_id: "acme", name: "Acme" }, { tenant_id: "other" }]);
  acme = await scopeToTenant(db, somebody, "acme");
  other = await scopeToTenant(db, somebody, "other");
  await putTickets(db, [
    {
      tenant_id: "acme",
      ticket_id: "7",
      summary: null,
      actual_hours: "1.50",
      effective_start_date: "2026-01-01T00:00:00.000Z",
      effective_end_date: "2026-02-01T00:00:00.000Z",
    },
    {
      tenant_id: "acme",
      ticket_id: "7",
      summary: "",
      actual_hours: "12.50",
      status: "closed",
      effective_start_date: "2026-02-01T00:00:00.000Z",
      effective_end_date: "2026-03-01T00:00:00.000Z",
      run_id: "01R",
      source_object: "acme/canonical/tickets/x.ndjson",
    },
    {
      tenant_id: "acme",
      ticket_id: "7",
      summary: "back",
      actual_hours: "12.50",
      status: "closed",
      effective_start_date: "2026-04-01T00:00:00.000Z",
    },
    {
      tenant_id: "acme",
      ticket_id: "70",
      summary: "gone",
      actual_hours: null,
      effective_start_date: "2026-01-05T00:00:00.000Z",
      effective_end_date: "2026-01-06T00:00:00.000Z",
    },
    {
      tenant_id: "other",
      ticket_id: "7",
      summary: "foreign",
      actual_hours: null,
      effective_start_date: "2026-01-01T00:00:00.000Z",
    },
    ...ODD_IDS.map((ticket_id) => ({
      tenant_id: "acme",
      ticket_id,
      summary: "odd",
      actual_hours: null,
      effective_start_date: "2025-01-01T00:00:00.000Z",
    })),
  ]);
  await putRuns(db, [{ run_id: "01R", tenant_id: "acme" }]);
  await putObjects(db, [
    { tenant_id: "acme", object_key: "acme/canonical/tickets/x.ndjson", etag: "abc" },
  ]);
});
afterAll(() => test.close());

describe("searching records", () => {
  it("finds an id exactly and by its beginning, the exact one first, of this tenant alone", async () => {
    const found = await searchEntities(
      acme,
      tickets,
      { query: "7", after: null, limit: 10 },
      test.db,
    );
    expect(found.rows.map((row) => [row.id, row.title, row.versions, row.isDeleted])).toEqual([
      ["7", "back", 3, false],
      ["70", "gone", 1, true],
    ]);
  });

  it("lists what changed last, page by page", async () => {
    const first = await searchEntities(
      acme,
      tickets,
      { query: "", after: null, limit: 1 },
      test.db,
    );
    expect(first.rows[0]?.id).toBe("7");
    const second = await searchEntities(
      acme,
      tickets,
      { query: "", after: first.next, limit: 1 },
      test.db,
    );
    expect(second.rows[0]?.id).toBe("70");
  });

  it("takes wildcards as letters", async () => {
    const found = await searchEntities(
      acme,
      tickets,
      { query: "%", after: null, limit: 10 },
      test.db,
    );
    expect(found.rows.map((row) => row.id)).toEqual(["%41"]);
  });
});

describe("a record's history", () => {
  it("names what each version changed; NULL and empty text differ, decimals keep two places", async () => {
    const history = await readEntityHistory(acme, tickets, { id: "7" }, test.db);
    expect(history.versions.map((version) => [version.number, version.changed])).toEqual([
      [1, []],
      [2, ["summary", "status", "actual_hours"]],
      [3, ["summary"]],
    ]);
    expect(history.versions[0]?.values["summary"]).toBeNull();
    expect(history.versions[1]?.values["summary"]).toBe("");
    expect(history.versions[1]?.values["actual_hours"]).toBe("12.50");
    expect(history.title).toBe("back");
    expect([history.broken, history.invariants]).toEqual([[], 6]);
  });

  it("reaches every id through its address, whatever characters it has", async () => {
    for (const id of ODD_IDS) {
      const key = entityKey(id);
      expect(encodeURIComponent(key).length).toBeLessThan(2_100);
      expect(key).not.toMatch(/[/%\s?#]|^\.+$/);
      const history = await readEntityHistory(acme, tickets, parseEntityKey(key), test.db);
      expect(history.id).toBe(id);
    }
  });

  it("is not there for another tenant", async () => {
    await expect(readEntityHistory(other, tickets, { id: "70" }, test.db)).rejects.toMatchObject({
      code: "not-found",
    });
  });
});

describe("lineage", () => {
  it("gives the run and the object of a version, and nothing to another tenant", async () => {
    const ask = {
      tableName: "tickets",
      runId: "01R",
      objectKey: "acme/canonical/tickets/x.ndjson",
    };
    const found = await readLineage(acme, ask, test.db);
    expect([found.run?.status, found.object?.etag]).toEqual(["succeeded", "abc"]);
    expect(await readLineage(other, ask, test.db)).toEqual({ run: null, object: null });
  });
});
