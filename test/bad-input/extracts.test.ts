import { rm } from "node:fs/promises";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type HistoryRow, LoadBench, balances, ndjson } from "../support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const TABLE = "companies";
const FOLDER = "full/20240310T000000Z/";
const AT = "2024-03-10T00:00:00.000Z";

function company(id: string, more: object = {}): Record<string, unknown> {
  return {
    company_id: id,
    company_name: "Contoso",
    status: "Active",
    last_updated: "2024-03-01T00:00:00.000Z",
    ...more,
  };
}

/** A tenant whose table has the entities a, b and c, current since 1 March. */
async function tenantWithThree(): Promise<string> {
  const tenantId = await bench.tenant();
  await bench.land(tenantId, TABLE, "changes-20240301T000000Z-1.ndjson", [
    company("a"),
    company("b"),
    company("c"),
  ]);
  await bench.load(tenantId, TABLE);
  return tenantId;
}

function currentIds(history: readonly HistoryRow[]): unknown[] {
  return history.filter((row) => row["is_current"] === true).map((row) => row["company_id"]);
}

describe.concurrent("a full extract", () => {
  it("without _SUCCESS waits, and counts once it is there", async () => {
    const tenantId = await tenantWithThree();
    await bench.land(tenantId, TABLE, `${FOLDER}part-1.ndjson`, [company("a")]);
    const waiting = await bench.load(tenantId, TABLE);
    expect(waiting).toMatchObject({ status: "succeeded", read: 0, current: 3 });
    expect(await bench.events(waiting.run_id)).toContainEqual({
      level: "info",
      event: "extract_waiting",
      message: `Extract ${AT} has no _SUCCESS yet and is not read.`,
    });
    expect(await bench.load(tenantId, TABLE, "bulk")).toMatchObject({ read: 3, current: 3 });

    await bench.land(tenantId, TABLE, `${FOLDER}_SUCCESS`, "");
    const counted = await bench.load(tenantId, TABLE);
    expect(counted).toMatchObject({ status: "succeeded", read: 1, current: 1 });
    expect(balances(counted)).toBe(true);
    expect(await bench.history(tenantId, TABLE)).toMatchObject([
      { company_id: "a", effective_end_date: null },
      { company_id: "b", effective_end_date: AT },
      { company_id: "c", effective_end_date: AT },
    ]);
  });

  it.each([
    { mode: "incremental", title: "an increment" },
    { mode: "bulk", title: "a bulk load" },
  ] as const)(
    "with a part that cannot be read deletes nothing by $title, and counts when the part is mended",
    async ({ mode }) => {
      const tenantId = await tenantWithThree();
      const part = gzipSync(ndjson([company("b")]));
      await bench.land(tenantId, TABLE, `${FOLDER}part-1.ndjson`, [company("a")]);
      const key = await bench.land(
        tenantId,
        TABLE,
        `${FOLDER}part-2.ndjson.gz`,
        part.subarray(0, part.length - 10),
      );
      await bench.land(tenantId, TABLE, `${FOLDER}_SUCCESS`, "");
      await bench.land(tenantId, TABLE, "changes-20240311T000000Z-1.ndjson", [company("d")]);

      const held = await bench.load(tenantId, TABLE, mode);

      expect(held.status).toBe("partial");
      expect(balances(held)).toBe(true);
      expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "c", "d"]);
      expect(await bench.deadLetters(tenantId)).toMatchObject([
        { kind: "object", object_key: key, cause: "object unreadable" },
      ]);
      // Nothing has changed, so nothing is tried again, and still nothing is taken for deleted.
      await bench.load(tenantId, TABLE);
      expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "c", "d"]);

      await bench.land(tenantId, TABLE, `${FOLDER}part-2.ndjson.gz`, part);
      const mended = await bench.load(tenantId, TABLE);
      expect(mended.status).toBe("succeeded");
      expect(balances(mended)).toBe(true);
      expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "d"]);
      expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
    },
  );

  it("that lists a record without an id proves no absence", async () => {
    const tenantId = await tenantWithThree();
    await bench.land(tenantId, TABLE, `${FOLDER}part-1.ndjson`, [
      company("a", { city: "Ulm", last_updated: "2024-03-09" }),
      { company_name: "Nameless", status: "Active" },
    ]);
    await bench.land(tenantId, TABLE, `${FOLDER}_SUCCESS`, "");

    const run = await bench.load(tenantId, TABLE);

    expect(run).toMatchObject({ read: 2, changed: 1, rejected: 1, current: 3 });
    expect(balances(run)).toBe(true);
    expect(await bench.events(run.run_id)).toContainEqual({
      level: "error",
      event: "extract_blind",
      message: `Extract ${AT} lists records whose id cannot be read; what it does not list is not taken for deleted.`,
    });
    expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "c"]);

    // It stays so, for increments that come after it and for a bulk load of everything.
    await bench.land(tenantId, TABLE, "changes-20240311T000000Z-1.ndjson", [company("d")]);
    await bench.load(tenantId, TABLE);
    expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "c", "d"]);
    await bench.load(tenantId, TABLE, "bulk");
    expect(currentIds(await bench.history(tenantId, TABLE))).toEqual(["a", "b", "c", "d"]);
  });

  it("that lists a bad record of an entity proves that it is there", async () => {
    const tenantId = await tenantWithThree();
    await bench.land(tenantId, TABLE, `${FOLDER}part-1.ndjson`, [
      company("a"),
      { company_id: "b", annual_revenue: "much" },
    ]);
    await bench.land(tenantId, TABLE, `${FOLDER}_SUCCESS`, "");
    const run = await bench.load(tenantId, TABLE);
    expect(run).toMatchObject({ status: "succeeded", read: 2, rejected: 1, current: 2 });
    const history = await bench.history(tenantId, TABLE);
    expect(currentIds(history)).toEqual(["a", "b"]);
    await bench.load(tenantId, TABLE, "bulk");
    expect(await bench.history(tenantId, TABLE)).toEqual(history);
  });

  it("that a bulk load no longer finds deletes nothing any more", async () => {
    const tenantId = await tenantWithThree();
    await bench.land(tenantId, TABLE, `${FOLDER}_SUCCESS`, "");
    expect(await bench.load(tenantId, TABLE)).toMatchObject({ current: 0 });
    await rm(bench.pathOf(`${tenantId}/canonical/${TABLE}/full`), { recursive: true });

    expect(await bench.load(tenantId, TABLE, "bulk")).toMatchObject({ current: 3, versions: 3 });
    await bench.land(tenantId, TABLE, "changes-20240311T000000Z-1.ndjson", [
      company("a", { last_updated: "2024-03-02", city: "Ulm" }),
    ]);
    expect(await bench.load(tenantId, TABLE)).toMatchObject({
      changed: 1,
      current: 3,
      versions: 4,
    });
    expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
  });
});
