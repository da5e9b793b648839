import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "@/server/auth/actor";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetter, tenantOfDeadLetter } from "@/server/analytics/dead-letter-item";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { scopeToTenant } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { ago, putDeadLetters, putObjects, putRuns, putTenants } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
let test: TestDb;

beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [
    { tenant_id: "acme", name: "Acme" },
    { tenant_id: "other", name: "Other" },
  ]);
  await putDeadLetters(db, [
    ...Array.from({ length: 5 }, (_, index) => ({
      dead_letter_id: `n${index}`,
      tenant_id: index === 4 ? "other" : "acme",
      fingerprint: "numeric",
      cause: "actual_hours is not a number",
      errors: [
        { field: "actual_hours", rule: "numeric", message: "is not a number", value: "1,75" },
      ],
      last_seen: ago(50 - index),
      first_seen: ago(index * 7_200 + 60),
      entity_id: `id ${index}`,
      raw: index === 0 ? "y".repeat(300_000) : `{"actual_hours":"1,75"}`,
      object_key: "acme/x.ndjson",
      run_id: "01R",
    })),
    {
      dead_letter_id: "o1",
      tenant_id: "acme",
      kind: "object",
      fingerprint: "object",
      cause: "object unreadable",
      table_name: "contacts",
    },
    { dead_letter_id: "x1", tenant_id: "acme", status: "discarded", fingerprint: "old" },
  ]);
  await putRuns(db, [{ run_id: "01R", tenant_id: "acme", status: "partial" }]);
  await putObjects(db, [
    { tenant_id: "acme", object_key: "acme/x.ndjson", etag: "abc", bytes: 4_321, read: 99 },
  ]);
});
afterAll(() => test.close());

describe("dead letters", () => {
  it("are grouped by cause, the largest first, with a day by hour", async () => {
    const reply = await readDeadLetterGroups({ status: "open", after: null, limit: 10 }, test.db);
    expect(reply.rows.map((group) => [group.fingerprint, group.count, group.tenantName])).toEqual([
      ["numeric", 5, null],
      ["object", 1, "Acme"],
    ]);
    expect([reply.records, reply.groups, reply.tenants]).toEqual([6, 2, 2]);
    expect(reply.rows[0]).toMatchObject({ example: "1,75", tenants: 2 });
    expect(reply.rows[0]?.hours).toHaveLength(24);
    expect(reply.rows[0]?.hours.reduce((sum, count) => sum + count, 0)).toBe(5);
    expect(reply.rows[0]?.hours[23]).toBe(1);
  });

  it("page their groups, and filter by tenant, table, kind and status", async () => {
    const first = await readDeadLetterGroups({ status: "open", after: null, limit: 1 }, test.db);
    const second = await readDeadLetterGroups(
      { status: "open", after: first.next, limit: 1 },
      test.db,
    );
    expect(second.rows.map((group) => group.fingerprint)).toEqual(["object"]);
    expect(second.next).toBeNull();
    const objects = await readDeadLetterGroups(
      { tenantId: "acme", tableName: "contacts", kind: "object", after: null, limit: 10 },
      test.db,
    );
    expect(objects.rows).toHaveLength(1);
    const discarded = await readDeadLetterGroups(
      { status: "discarded", after: null, limit: 10 },
      test.db,
    );
    expect(discarded.rows.map((group) => group.fingerprint)).toEqual(["old"]);
  });

  it("are listed within a group, page by page", async () => {
    const ask = { status: "open", fingerprint: "numeric", limit: 3 } as const;
    const first = await readDeadLetters({ ...ask, after: null }, test.db);
    expect(first.rows.map((row) => row.id)).toEqual(["n4", "n3", "n2"]);
    expect(first.cause).toBe("actual_hours is not a number");
    const second = await readDeadLetters({ ...ask, after: first.next }, test.db);
    expect(second.rows.map((row) => row.id)).toEqual(["n1", "n0"]);
  });

  it("show the record with its errors and where it came from, cut when it is huge", async () => {
    expect(await tenantOfDeadLetter("n0", test.db)).toBe("acme");
    const acme = await scopeToTenant(test.db, somebody, "acme");
    const { item } = await readDeadLetter(acme, "n0", test.db);
    expect(item).toMatchObject({
      rawBytes: 300_000,
      etag: "abc",
      objectBytes: 4_321,
      objectRows: 99,
      runStatus: "partial",
    });
    expect(item.raw).toHaveLength(200_000);
    expect(item.errors[0]?.value).toBe("1,75");
    expect(item.entityKey).toMatch(/^~/);
  });

  it("are not there for another tenant", async () => {
    const other = await scopeToTenant(test.db, somebody, "other");
    await expect(readDeadLetter(other, "n0", test.db)).rejects.toMatchObject({ code: "not-found" });
    expect(await tenantOfDeadLetter("none", test.db)).toBeUndefined();
  });
});
