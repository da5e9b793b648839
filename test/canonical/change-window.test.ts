import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { tablePrefix } from "@/server/canonical/object-key";
import { readKnownObjects } from "@/server/scd2/known-objects";

import { LoadBench, ndjson } from "../support/load";
import { STORE_KINDS } from "../support/store-fixture";

const TABLE = "companies";
const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-03-10T12:00:00Z");

function company(id: string, more: object = {}): Record<string, unknown> {
  return { company_id: id, company_name: "Contoso", status: "Active", ...more };
}

function stamped(name: string): string {
  return `${name}-20260310T000000Z-1.ndjson`;
}

describe.each(STORE_KINDS)("in a store of kind %s, with a change window of two hours,", (kind) => {
  let bench: LoadBench;
  beforeAll(async () => {
    bench = await LoadBench.open({ kind });
  });
  afterAll(async () => bench.close());

  /** A tenant whose five objects, an hour apart and the newest of noon, are loaded. */
  async function loadedTenant(): Promise<string> {
    const tenantId = await bench.tenant();
    for (let hours = 0; hours < 5; hours++) {
      const modified = new Date(NOON - hours * HOUR_MS);
      await bench.land(
        tenantId,
        TABLE,
        stamped(`old-${hours}`),
        [company(`old ${hours}`)],
        modified,
      );
    }
    await bench.load(tenantId, TABLE);
    return tenantId;
  }

  const idsOf = async (tenantId: string): Promise<unknown[]> =>
    (await bench.history(tenantId, TABLE)).map((row) => row["company_id"]);

  it("what lies before it is settled by a digest, and looked at one by one where that differs", async () => {
    const tenantId = await loadedTenant();
    const { store } = bench.context;
    const work = { ...bench.context, entity: bench.entity(TABLE), tenantId, runId: "" };
    const prefix = tablePrefix(tenantId, TABLE);
    const names = (keys: Iterable<string>): string[] =>
      [...keys].map((key) => key.slice(prefix.length, prefix.length + 5)).sort();

    const known = await readKnownObjects(work, await store.list(prefix));
    expect(names(known.rows.keys())).toEqual(["old-0", "old-1", "old-2"]);
    expect(names(known.settled)).toEqual(["old-3", "old-4"]);

    const all = ["old-0", "old-1", "old-2", "old-3", "old-4"];
    await bench.objects.remove(`${prefix}${stamped("old-4")}`);
    const without = await readKnownObjects(work, await store.list(prefix));
    expect(names(without.rows.keys())).toEqual(all);
    expect(names(without.settled)).toEqual([]);

    const changed = ndjson([company("old 4", { city: "Ulm" })]);
    await bench.objects.put(
      `${prefix}${stamped("old-4")}`,
      Buffer.from(changed),
      new Date(NOON - 4 * HOUR_MS),
    );
    expect(names((await readKnownObjects(work, await store.list(prefix))).rows.keys())).toEqual(
      all,
    );
  });

  it("an object that comes late is found, however old its name and time", async () => {
    const tenantId = await loadedTenant();
    await bench.land(
      tenantId,
      TABLE,
      "a-backfill-20190101T000000Z-1.ndjson",
      [company("late", { last_updated: "2019-01-01T00:00:00Z" })],
      new Date(NOON - 400 * 24 * HOUR_MS),
    );
    await bench.land(
      tenantId,
      TABLE,
      stamped("half-an-hour"),
      [company("late too")],
      new Date(NOON - HOUR_MS / 2),
    );

    expect(await bench.load(tenantId, TABLE)).toMatchObject({
      status: "succeeded",
      read: 2,
      new: 2,
    });
    expect(await idsOf(tenantId)).toEqual([
      "late",
      "late too",
      "old 0",
      "old 1",
      "old 2",
      "old 3",
      "old 4",
    ]);
    expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", read: 0 });
  });

  it("an old object that is replaced is reported, and one that is gone hides nothing new", async () => {
    const tenantId = await loadedTenant();
    const prefix = tablePrefix(tenantId, TABLE);
    await bench.land(
      tenantId,
      TABLE,
      stamped("old-4"),
      [company("quite another")],
      new Date(NOON - 4 * HOUR_MS),
    );
    await bench.objects.remove(`${prefix}${stamped("old-3")}`);
    await bench.land(tenantId, TABLE, stamped("new"), [company("new")], new Date(NOON + HOUR_MS));

    expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "partial", read: 1, new: 1 });
    expect(await bench.deadLetters(tenantId)).toMatchObject([
      { object_key: `${prefix}${stamped("old-4")}`, cause: "object replaced" },
    ]);
    expect(await idsOf(tenantId)).toEqual(["new", "old 0", "old 1", "old 2", "old 3", "old 4"]);
  });
});
