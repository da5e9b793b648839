import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { idRanges } from "@/server/scd2/id-ranges";

import { LoadBench } from "./support/load";

const MIB = 1024 ** 2;
/** A statement's memory in which only some of the rows below fit at once. */
const TIGHT = 80 * MIB;
const ROWS = 120_000;

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

/** Several states of many tickets, in no order, with repeats and deletions; some of an extract where `folder` is one's. */
async function land(tenantId: string, folder: string, rows: number): Promise<void> {
  await bench.landSelect(
    tenantId,
    "tickets",
    `${folder}a-20240601T000000Z-1.ndjson`,
    "JSONEachRow",
    `SELECT concat('T', toString(cityHash64(number % ${rows / 4}) % 1000000)) AS ticket_id, 'x' AS summary,
  ['New', 'Open', 'Closed'][1 + cityHash64(number, 1) % 3] AS status,
  concat('2024-05-0', toString(1 + cityHash64(number, 2) % 9), 'T00:00:00Z') AS last_updated,
  number % 17 = 0 AS _deleted
FROM numbers(${rows})`,
  );
}

/** A tenant's history in one number a column set, without what differs between two loads of the same. */
async function fingerprint(tenantId: string): Promise<unknown> {
  return bench.db.row(
    {
      name: "test.fingerprint",
      params: { tenant_id: tenantId },
      sql: `SELECT count() AS versions, uniqExact(ticket_id) AS entities,
  sum(cityHash64(ticket_id, summary, status, effective_start_date, effective_end_date, is_current, record_hash,
    last_updated, source_row, is_deleted)) AS content
FROM tickets_scd FINAL WHERE tenant_id = {tenant_id:String}`,
    },
    z.object({ versions: z.string(), entities: z.string(), content: z.string() }),
  );
}

describe("a bulk load larger than the memory of a statement", () => {
  it.each([
    { of: "tickets", folder: "", rows: ROWS },
    { of: "a complete extract", folder: "full/20240601T000000Z/", rows: ROWS / 4 },
  ])("is cut by ids, published at once and the same history: $of", async ({ folder, rows }) => {
    const [whole, inCuts] = [await bench.tenant(), await bench.tenant()];
    for (const tenantId of [whole, inCuts]) {
      await land(tenantId, folder, rows);
      if (folder !== "") await bench.land(tenantId, "tickets", `${folder}_SUCCESS`, "");
    }
    await bench.load(whole, "tickets", "bulk");
    const run = await bench.load(inCuts, "tickets", "bulk", {
      ...bench.context,
      maxMemoryBytes: TIGHT,
    });

    expect(run).toMatchObject({ status: "succeeded", read: rows });
    const events = await bench.events(run.run_id);
    expect(events.filter(({ event }) => event === "batch_published")).toHaveLength(1);
    expect(await fingerprint(inCuts)).toEqual(await fingerprint(whole));
    expect(await bench.complaints(inCuts, "tickets")).toEqual([]);
    const work = {
      ...bench.context,
      maxMemoryBytes: TIGHT,
      entity: bench.entity("tickets"),
      tenantId: inCuts,
      runId: "",
    };
    const ids = "SELECT ticket_id AS id FROM tickets_log WHERE tenant_id = {tenant_id:String}";
    const ranges = await idRanges(work, { ids, hasExtracts: folder !== "" });
    expect(ranges.length).toBeGreaterThan(1);
  });
});
