import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { catalog } from "@/lib/catalog";
import { zCount } from "@/server/clickhouse/columns";
import { CLOSED_FROM } from "@/server/scd2/table-work";
import { type TestDb, testDb, testTenant } from "@/test/support/clickhouse";
import { RandomHistory } from "@/test/support/random-history";

// Current rows are read without FINAL (docs/decisions/0025-current-rows.md). Here they are held against it, and against what was written.

let test: TestDb;
beforeAll(async () => {
  test = await testDb();
});
afterAll(() => test.close());

async function answer(sql: string, tenant: string): Promise<object[]> {
  return test.db.rows({ name: "test.read", sql, params: { t: tenant } }, z.looseObject({}));
}

const VIEW = "tickets_current_of_tenant(tenant_id = {t:String})";

describe("the current rows of a tenant", () => {
  it.each([11, 12, 13])(
    "are those that FINAL gives, whatever was merged: seed %i",
    async (seed) => {
      const tenant = testTenant();
      const history = new RandomHistory(test.db, tenant, seed);
      let found = 0;
      for (let step = 0; step < 12; step++) {
        await history.step();
        const all = "ticket_id, effective_start_date, status, summary, row_version, is_deleted";
        const final = `SELECT ${all} FROM tickets_scd FINAL WHERE tenant_id = {t:String} AND is_current ORDER BY ALL`;
        const expected = await answer(final, tenant);
        found += expected.length;
        expect(
          await answer(`SELECT ticket_id, status, summary FROM ${VIEW} ORDER BY ALL`, tenant),
        ).toEqual(history.current());
        expect(await answer(`SELECT ${all} FROM ${VIEW} ORDER BY ALL`, tenant)).toEqual(expected);
        const short = (from: string): string =>
          `SELECT ticket_id, effective_start_date, status, row_version FROM ${from} AND status != 'New' ORDER BY ALL`;
        expect(await answer(short(`${VIEW} WHERE 1`), tenant)).toEqual(
          await answer(
            short("(SELECT * FROM tickets_scd FINAL) WHERE tenant_id = {t:String} AND is_current"),
            tenant,
          ),
        );
        expect(
          await answer(
            `SELECT ${all} FROM tickets_current WHERE tenant_id = {t:String} ORDER BY ALL`,
            tenant,
          ),
        ).toEqual(expected);
      }
      expect(found).toBeGreaterThan(100);
    },
  );

  it("are as many as there are entities at every moment, while increments are published and parts merged", async () => {
    const tenant = testTenant();
    const history = new RandomHistory(test.db, tenant, 15);
    const entities = await history.load();
    const written = new AbortController();
    const write = async (): Promise<void> => {
      for (let round = 0; round < 16; round++) {
        await history.change();
        if (round % 4 === 3) await history.merge();
      }
      written.abort();
    };
    const seen: object[] = [];
    const read = async (): Promise<void> => {
      while (!written.signal.aborted) {
        // Each look at the parts takes a while, so that a statement that looked twice would be caught.
        seen.push(
          ...(await answer(
            `SELECT count() AS rows, uniqExact(ticket_id) AS ids FROM ${VIEW}
SETTINGS merge_tree_storage_snapshot_sleep_ms = 3`,
            tenant,
          )),
        );
      }
    };
    await Promise.all([write(), read(), read()]);
    expect(seen.length).toBeGreaterThan(10);
    const right = { rows: String(entities), ids: String(entities) };
    expect(seen.filter((row) => JSON.stringify(row) !== JSON.stringify(right))).toEqual([]);
  });

  it.each(["enable_shared_storage_snapshot_in_query = 0", "enable_parallel_replicas = 1"])(
    "are refused where the reads of a statement could see different parts: %s",
    async (setting) => {
      const tenant = testTenant();
      await new RandomHistory(test.db, tenant, 16).load();
      await expect(
        answer(`SELECT * FROM ${VIEW} SETTINGS ${setting}`, tenant),
      ).rejects.toMatchObject({
        name: "ClickHouseError",
        detail: expect.stringContaining("Current rows need"),
      });
    },
  );

  it("are read where they lie, next to each other", async () => {
    const tenant = testTenant();
    await test.db.command({
      name: "test.versions",
      params: { t: tenant },
      sql: `INSERT INTO tickets_scd (tenant_id, ticket_id, effective_start_date, is_current, row_version)
SELECT {t:String}, concat('T', leftPad(toString(intDiv(number, 10)), 6, '0')), number, number % 10 = 9, 1 FROM numbers(100000)`,
    });
    const { readRows } = await test.db.command({
      name: "test.read",
      sql: `SELECT status, count(), sum(actual_hours) FROM ${VIEW} GROUP BY status FORMAT Null`,
      params: { t: tenant },
    });
    // 10,000 current rows in granules of 1,024, and the first of the closed ones.
    expect(readRows).toBeGreaterThanOrEqual(10_000);
    expect(readRows).toBeLessThan(14_000);
  });
});

describe("the tables of the catalogue", () => {
  it.each(["current", "current_of_tenant"])("have the same view …_%s", async (view) => {
    const texts = await Promise.all(
      Object.values(catalog).map(async ({ name, idColumn }) => {
        const { text } = await test.db.row(
          {
            name: "test.view",
            params: { view: `${name}_${view}` },
            sql: "SELECT as_select AS text FROM system.tables WHERE database = currentDatabase() AND name = {view:String}",
          },
          z.object({ text: z.string() }),
        );
        return text.replaceAll(`${name}_scd`, "TABLE").replaceAll(idColumn, "ID");
      }),
    );
    expect(texts).toHaveLength(4);
    expect(new Set(texts).size).toBe(1);
  });

  it.each(Object.values(catalog))("are laid out alike: $name", async ({ name, idColumn }) => {
    const { keys, granularity, indices } = await test.db.row(
      {
        name: "test.layout",
        params: { table: `${name}_scd` },
        sql: `SELECT (primary_key, sorting_key) AS keys, toUInt32(extract(engine_full, 'index_granularity = (\\d+)')) AS granularity,
  (SELECT groupArray(name) FROM system.data_skipping_indices WHERE database = currentDatabase() AND table = {table:String}) AS indices
FROM system.tables WHERE database = currentDatabase() AND name = {table:String}`,
      },
      z.object({
        keys: z.tuple([z.string(), z.string()]),
        granularity: zCount,
        indices: z.array(z.string()),
      }),
    );
    const primary = `tenant_id, is_current, ${idColumn}`;
    expect(keys).toEqual([primary, `${primary}, ${CLOSED_FROM}`]);
    expect(granularity).toBe(1024);
    expect(indices).toEqual(["row_versions"]);
  });
});
