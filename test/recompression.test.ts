import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { catalog } from "@/lib/catalog";

import { LoadBench } from "./support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

/** By which rule the parts of a tenant are compressed anew, as ClickHouse keeps it with each. */
async function rulesOf(table: string, tenantId: string): Promise<unknown[]> {
  return bench.db.rows(
    {
      name: "test.rules",
      params: { table, tenant_id: tenantId },
      sql: `SELECT DISTINCT recompression_ttl_info.expression AS rules FROM system.parts
WHERE database = currentDatabase() AND table = {table:String} AND partition = {tenant_id:String} AND active`,
    },
    z.object({ rules: z.array(z.string()) }),
  );
}

describe("what a load publishes", () => {
  it.each(["tickets_log", "tickets_scd"])("is compressed anew by the rule of %s", async (table) => {
    const [loaded, direct] = [await bench.tenant(), await bench.tenant()];
    await bench.land(loaded, "tickets", "a-20240601T000000Z-1.ndjson", [
      { ticket_id: "T1", status: "New" },
    ]);
    await bench.load(loaded, "tickets", "bulk");
    await bench.db.insert(table, [{ tenant_id: direct, ticket_id: "T1" }]);
    const rules = await rulesOf(table, loaded);
    expect(rules).toEqual([{ rules: [expect.stringContaining("ingestion_timestamp")] }]);
    expect(rules).toEqual(await rulesOf(table, direct));
  });

  it("is compressed anew in every table of the catalogue", async () => {
    const tables = Object.values(catalog).flatMap(({ name }) => [`${name}_log`, `${name}_scd`]);
    const found = await bench.db.rows(
      {
        name: "test.tables",
        params: { tables },
        sql: `SELECT name FROM system.tables
WHERE database = currentDatabase() AND name IN {tables:Array(String)} AND match(engine_full, 'RECOMPRESS CODEC\\\\(ZSTD\\\\([37]\\\\)\\\\)')
ORDER BY name`,
      },
      z.object({ name: z.string() }),
    );
    expect(found.map(({ name }) => name)).toEqual(tables.sort());
  });
});
