import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { tickets } from "@/lib/catalog/tickets";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { searchEntities } from "@/server/analytics/entity-search";
import { readTenant } from "@/server/analytics/tenant";
import type { Actor } from "@/server/auth/actor";
import type { Db, Statement } from "@/server/clickhouse/client";
import {
  ASKED,
  OF_ASKED_TENANTS,
  tenantKeysQuery,
  tenantsQuery,
} from "@/server/clickhouse/gathered-tenant-query";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putTenants, putTickets } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
/** Ids that look alike, or like what pairs of them are made of. */
const IDS = [
  "1",
  "01",
  "1 ",
  "1'",
  '","',
  "a,b",
  "b",
  '["b","1"]',
  "a\\",
  "Å",
  "å",
  "x".repeat(600),
];
/** Over more than three granules of 8,192 rows. */
const MANY = 30_000;

let test: TestDb;
let a: TenantScope;
let ab: TenantScope;
let large: TenantScope;

beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [{ tenant_id: "a" }, { tenant_id: "a-b" }, { tenant_id: "large" }]);
  a = await scopeToTenant(db, somebody, "a");
  ab = await scopeToTenant(db, somebody, "a-b");
  large = await scopeToTenant(db, somebody, "large");
  await putTickets(
    db,
    ["a", "a-b"].flatMap((tenant_id) =>
      IDS.map((ticket_id) => ({
        tenant_id,
        ticket_id,
        summary: `of ${tenant_id}`,
        actual_hours: null,
        effective_start_date: "2026-01-01T00:00:00.000Z",
      })),
    ),
  );
  // Later parts say of some that they are deleted, and bring others.
  const numbers = (rows: string, id: string, deleted: string, version: number) =>
    db.command({
      name: "test.tickets",
      sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, status, summary, effective_start_date, is_current, record_hash, is_deleted, row_version)
SELECT 'large', concat('t', toString(${id})), 'New', 'Printer', toDateTime64('2026-01-01 00:00:00', 3, 'UTC'), true, number, ${deleted}, ${version}
FROM numbers(${rows})`,
    });
  await numbers(String(MANY), "number", "0", 1);
  await numbers("6000", "number * 5", "1", 2);
  await numbers("500", `${MANY} + number * 9`, "number % 2", 3);
});
afterAll(() => test.close());

/** The same handle; the names of its statements and the rows that the server read for each are written down. */
function watched(db: Db): { db: Db; statements: { name: string; readRows: number }[] } {
  const statements: { name: string; readRows: number }[] = [];
  const proxy = new Proxy(db, {
    get(target, key) {
      if (key === "rows")
        return async <Row extends z.ZodType>(statement: Statement, row: Row) => {
          const sql = `${statement.sql} FORMAT Null`;
          const { readRows } = await target.command({ ...statement, sql });
          statements.push({ name: statement.name, readRows });
          return target.rows(statement, row);
        };
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { db: proxy, statements };
}

describe("records that are asked for at once", () => {
  it("are of the asker's tenant and id alone, whoever asks beside it", async () => {
    const { db, statements } = watched(test.db);
    const asked = [a, ab].flatMap((scope) => IDS.map((id) => ({ scope, id })));
    const found = await Promise.all(
      asked.map(async ({ scope, id }) => readEntityHistory(scope, tickets, { id }, db)),
    );
    for (const [place, { scope, id }] of asked.entries())
      expect(found[place]).toMatchObject({
        tenantId: scope.tenantId,
        id,
        total: 1,
        versions: [{ values: { summary: `of ${scope.tenantId}` } }],
      });
    expect(statements.map(({ name }) => name)).toEqual(["entity.versions"]);
  });

  it("are not found for one asker, and found for the others", async () => {
    const [missing, there] = await Promise.allSettled([
      readEntityHistory(a, tickets, { id: "no such" }, test.db),
      readEntityHistory(ab, tickets, { id: "1" }, test.db),
    ]);
    expect(missing).toMatchObject({ status: "rejected", reason: { code: "not-found" } });
    expect(there).toMatchObject({ status: "fulfilled", value: { tenantId: "a-b" } });
  });

  it("are of a statement that began after they were asked for", async () => {
    const before = readEntityHistory(a, tickets, { id: "1" }, test.db);
    const written = putTickets(test.db, [
      {
        tenant_id: "a",
        ticket_id: "new",
        summary: "just now",
        actual_hours: null,
        effective_start_date: "2026-01-02T00:00:00.000Z",
      },
    ]);
    await written;
    const [, after] = await Promise.all([
      before,
      readEntityHistory(a, tickets, { id: "new" }, test.db),
    ]);
    expect(after.total).toBe(1);
  });

  it("cost granules of their own tenants and no whole partition", async () => {
    const { db, statements } = watched(test.db);
    const found = await searchEntities(
      large,
      tickets,
      { query: "t17773", after: null, limit: 1 },
      db,
    );
    expect(found.rows.map(({ id }) => id)).toEqual(["t17773"]);
    await readEntityHistory(large, tickets, { id: "t17773" }, db);
    expect(statements.map(({ name }) => name)).toEqual([
      "entities.beginnings",
      "entities.by-id",
      "entity.versions",
    ]);
    // A granule or two of each of three parts; the smallest of them has 500 rows.
    for (const { readRows } of statements) expect(readRows).toBeLessThan(3 * 8_192);
  });

  it("are the same by a whole id as by a search", async () => {
    const search = (query: string, limit: number) =>
      searchEntities(large, tickets, { query, after: null, limit }, test.db);
    const queries = Array.from({ length: 30 }, (_, nth) => `t${(nth * 7_919) % (MANY + 3_000)}`);
    await Promise.all(
      [...queries, "t", "t1", "nothing"].map(async (query) => {
        const [point, list] = await Promise.all([search(query, 1), search(query, 2)]);
        expect([query, point.rows]).toEqual([query, list.rows.slice(0, 1)]);
        expect([query, point.next !== null]).toEqual([query, list.rows.length > 1]);
      }),
    );
  });
});

describe("records that changed last", () => {
  it("come page by page in the order of their last changes, each once, whatever was deleted or replaced", async () => {
    const told = await test.db.rows(
      {
        name: "test.truth",
        sql: `SELECT ticket_id AS id FROM tickets_scd FINAL WHERE tenant_id = 'large'
GROUP BY id ORDER BY max(effective_start_date) DESC, id DESC LIMIT 60`,
      },
      z.object({ id: z.string() }),
    );
    const seen: string[] = [];
    let after: string | null = null;
    while (seen.length < told.length) {
      const page = await searchEntities(large, tickets, { query: "", after, limit: 20 }, test.db);
      seen.push(...page.rows.map(({ id }) => id));
      after = page.next;
    }
    expect(seen).toEqual(told.map(({ id }) => id));
    const all = await searchEntities(a, tickets, { query: "", after: null, limit: 100 }, test.db);
    expect([all.rows.length, all.next]).toEqual([IDS.length + 1, null]);
  });
});

describe("tenants that are looked at at once", () => {
  it("share statements, and each has its own page", async () => {
    const { db, statements } = watched(test.db);
    const pages = await Promise.all([a, ab, a, large].map(async (scope) => readTenant(scope, db)));
    expect(pages.map(({ tenant }) => tenant.tenantId)).toEqual(["a", "a-b", "a", "large"]);
    expect(pages[2]).toBe(pages[0]);
    expect(statements).toHaveLength(5);
  });
});

describe("statements for several tenants", () => {
  const row = z.object({ tenantId: z.string(), key: z.string(), summary: z.string() });
  const read = tenantKeysQuery({
    name: "test.keys",
    sql: `SELECT tenant_id AS tenantId, ticket_id AS key, assumeNotNull(summary) AS summary, throwIf(ticket_id = 'b') AS bad
FROM tickets_scd FINAL WHERE (tenant_id, ticket_id) IN ${ASKED}`,
    row,
    maxSeconds: 10,
  });

  it("fail for nobody but who asked for what fails", async () => {
    const ends = await Promise.allSettled(
      ["1", "01", "b", "1'", "a,b"].map(async (key) => read(a, key, test.db)),
    );
    expect(ends.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
    ]);
  });

  it("answer nobody without a scope, and those beside them", async () => {
    const forged = { tenantId: "a-b" } as never;
    const [none, own] = await Promise.allSettled([
      read(forged, "1", test.db),
      read(a, "1", test.db),
    ]);
    expect(none).toMatchObject({ status: "rejected", reason: { message: /checked/ } });
    expect(own).toMatchObject({ status: "fulfilled", value: [{ summary: "of a" }] });
  });

  it("give nobody rows of a tenant or key that it did not ask for, though the statement reads them", async () => {
    const careless = tenantKeysQuery({
      name: "test.careless",
      sql: `SELECT tenant_id AS tenantId, ticket_id AS key, assumeNotNull(summary) AS summary
FROM tickets_scd FINAL WHERE (tenant_id, ticket_id) IN ${ASKED} OR 1`,
      row,
      maxSeconds: 10,
    });
    expect(await careless(a, "1", test.db)).toEqual([{ tenantId: "a", key: "1", summary: "of a" }]);
  });

  it.each([
    ["no filter", "SELECT 1"],
    ["a filter in a comment", `SELECT 1 -- (tenant_id, ticket_id) IN ${ASKED}`],
    ["the tenants alone", "SELECT 1 FROM runs WHERE tenant_id IN {tenantIds:Array(String)}"],
  ])("are refused with %s", (_what, sql) => {
    const parts = { name: "test.read", sql, row, maxSeconds: 5 };
    expect(() => tenantKeysQuery(parts)).toThrow("no filter");
  });

  it("are refused for whole tenants without their filter", () => {
    const sql = `SELECT '${OF_ASKED_TENANTS}' FROM runs`;
    expect(() => tenantsQuery({ name: "test.read", sql, row, maxSeconds: 5 })).toThrow("no filter");
  });
});
