import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { entityOf } from "@/lib/catalog";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetter } from "@/server/analytics/dead-letter-item";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { searchEntities } from "@/server/analytics/entity-search";
import { readLineage } from "@/server/analytics/lineage";
import { readTableAge } from "@/server/analytics/table-age";
import type { Actor } from "@/server/auth/actor";
import type { Db, Statement } from "@/server/clickhouse/client";
import { countLetters } from "@/server/dlq/count-letters";
import { exportHistory } from "@/server/scd2/export-history";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putTenants } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
const SMALL = 2_000;
const LARGE = 60_000;
/** A sorted table is read by granules of 8,192 rows: at most so many at either end belong to a neighbour. */
const EDGES = 2 * 8_192;

let test: TestDb;
let small: TenantScope;
beforeAll(async () => {
  test = await testDb();
  const { db } = test;
  await putTenants(db, [{ tenant_id: "small" }, { tenant_id: "large" }]);
  for (const [tenant, rows] of [
    ["small", SMALL],
    ["large", LARGE],
  ] as const) {
    const params = { tenant, rows };
    await db.command({
      name: "test.versions",
      params,
      sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, status, summary, effective_start_date, is_current, record_hash, row_version)
SELECT {tenant:String}, concat('T', leftPad(toString(number), 6, '0')), 'New', 'Printer', toDateTime64('2026-01-01 00:00:00', 3, 'UTC') + number, true, number, 1
FROM numbers({rows:UInt32})`,
    });
    await db.command({
      name: "test.letters",
      params,
      sql: `INSERT INTO dead_letters (dead_letter_id, tenant_id, table_name, kind, fingerprint, cause, first_seen, last_seen, attempts, status, version)
SELECT concat({tenant:String}, toString(number)), {tenant:String}, 'tickets', 'record', 'f', 'is not a number', now64(3), now64(3), 1, 'open', number
FROM numbers({rows:UInt32})`,
    });
    await db.command({
      name: "test.objects",
      params,
      sql: `INSERT INTO objects (tenant_id, table_name, object_key, etag, stamp, status, finished_at, version)
SELECT {tenant:String}, 'tickets', concat({tenant:String}, '/', toString(number)), 'e', now64(3), 'done', now64(3), 1
FROM numbers({rows:UInt32})`,
    });
  }
  small = await scopeToTenant(db, somebody, "small");
});
afterAll(() => test.close());

/** The same handle; of every statement it is written down how many rows the server read for it. */
function counting(db: Db): { db: Db; readRows: [name: string, rows: number][] } {
  const readRows: [string, number][] = [];
  const count = async (statement: Statement, sql: string): Promise<void> => {
    const { readRows: rows } = await db.command({ ...statement, sql: `${sql} FORMAT Null` });
    readRows.push([statement.name, rows]);
  };
  const proxy = new Proxy(db, {
    get(target, key) {
      if (key === "rows")
        return async <Row extends z.ZodType>(statement: Statement, row: Row) => {
          await count(statement, statement.sql);
          return target.rows(statement, row);
        };
      if (key === "stream")
        return async (statement: Statement) => {
          await count(statement, statement.sql.replace(/FORMAT \w+\s*$/, ""));
          return target.stream(statement);
        };
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { db: proxy, readRows };
}

function tickets() {
  const entity = entityOf("tickets");
  if (entity === undefined) throw new Error("there are no tickets in the catalogue");
  return entity;
}

const CURRENT =
  "SELECT status, count() AS found FROM tickets_current_of_tenant(tenant_id = {t:String}) GROUP BY status";

it.each<[string, (db: Db) => Promise<unknown>]>([
  [
    "records by id",
    (db) => searchEntities(small, tickets(), { query: "T0", after: null, limit: 10 }, db),
  ],
  [
    "records changed last",
    (db) => searchEntities(small, tickets(), { query: "", after: null, limit: 10 }, db),
  ],
  ["a timeline", (db) => readEntityHistory(small, tickets(), { id: "T000017" }, db)],
  ["the export", async (db) => (await exportHistory(db, "small", tickets())).resume()],
  [
    "current rows",
    (db) =>
      db.rows(
        { name: "test.current", sql: CURRENT, params: { t: "small" } },
        z.object({ status: z.string(), found: z.unknown() }),
      ),
  ],
])("of histories %s reads the tenant's partition alone", async (_what, read) => {
  const { db, readRows } = counting(test.db);
  await read(db);
  expect(Math.max(...readRows.map(([, rows]) => rows))).toBeGreaterThan(0);
  // What names the tenants and what counts its rows twice, for the choice and for the answer, is well within.
  for (const [name, rows] of readRows) expect([name, rows <= 2 * SMALL + 10]).toEqual([name, true]);
});

it.each<[string, (db: Db) => Promise<unknown>]>([
  [
    "groups of dead letters",
    (db) => readDeadLetterGroups({ tenantId: "small", status: "open", after: null, limit: 10 }, db),
  ],
  [
    "dead letters",
    (db) => readDeadLetters({ tenantId: "small", status: "open", after: null, limit: 10 }, db),
  ],
  ["a dead letter", (db) => readDeadLetter(small, "small17", db)],
  ["a table's age", (db) => readTableAge(small, "tickets", "30d", db)],
  [
    "lineage",
    (db) => readLineage(small, { tableName: "tickets", runId: "", objectKey: "small/17" }, db),
  ],
])("%s read the tenant's rows and no more than the granules they share", async (_what, read) => {
  await countLetters(test.db);
  const { db, readRows } = counting(test.db);
  await read(db);
  expect(Math.max(...readRows.map(([, rows]) => rows))).toBeGreaterThan(0);
  for (const [name, rows] of readRows)
    expect([name, rows <= 2 * SMALL + EDGES]).toEqual([name, true]);
});
