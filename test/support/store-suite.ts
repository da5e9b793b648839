import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import type { CanonicalStore, StoredObject } from "@/server/canonical/canonical-store";
import { rawRows } from "@/server/scd2/raw-rows";
import { tickets } from "@/lib/catalog/tickets";

import { type TestDb, testDb, testTenant } from "./clickhouse";
import { inLanes } from "./load";
import type { StoreFixture } from "./store-fixture";

/** A whole Zstandard frame of "hello", by the command line tool. */
const HELLO_ZST = Buffer.from("28b52ffd045829000068656c6c6f00000000", "hex");
/** Every character that a key of the scheme may have and that means something to a URL, a shell, SQL or XML. */
export const ODD_NAME =
  'deep/er/it\'s 100% "fine"; <b>&amp;+$x#=@:!()~ %2F ä 日本-20240301T000000Z-1.ndjson';

const ticket = (id: string): string => `{"ticket_id":"${id}","status":"Open"}\n`;

/** What every canonical store does, whatever it is made of. */
export function storeTests(open: () => Promise<StoreFixture>): void {
  let fixture: StoreFixture;
  let store: CanonicalStore;
  let clickHouse: TestDb;
  beforeAll(async () => {
    clickHouse = await testDb();
    fixture = await open();
    store = fixture.store;
  });
  afterAll(async () => {
    await fixture.close();
    await clickHouse.close();
  });

  const put = async (key: string, content: string | Buffer = "{}\n"): Promise<string> => {
    await fixture.put(key, Buffer.from(content));
    return key;
  };
  const find = async (key: string): Promise<StoredObject> => {
    const found = (await store.list(key.slice(0, key.lastIndexOf("/") + 1))).find(
      (object) => object.key === key,
    );
    return found ?? { key, bytes: 0, lastModified: 0 };
  };
  const listed = async (prefix: string): Promise<StoredObject[]> => store.list(prefix);

  it("lists what lies under a prefix, in key order, and nothing unfinished", async () => {
    const prefix = `${testTenant()}/canonical/tickets/`;
    const before = Date.now();
    for (const name of ["b.ndjson", "a/z.ndjson", "a.csv", ODD_NAME, "B.ndjson", "empty.csv"]) {
      await put(`${prefix}${name}`, name === "empty.csv" ? "" : "x\n");
    }
    for (const name of [".hidden", "half.ndjson.tmp", "half.part"]) await put(`${prefix}${name}`);
    await put(`${prefix.slice(0, -1)}-other/a.ndjson`);

    const objects = await listed(prefix);

    expect(objects.map(({ key }) => key.slice(prefix.length))).toEqual(
      ["b.ndjson", "a/z.ndjson", "a.csv", ODD_NAME, "B.ndjson", "empty.csv"].sort(),
    );
    expect(objects.map(({ bytes }) => bytes).sort()).toEqual([0, 2, 2, 2, 2, 2]);
    for (const { lastModified } of objects) {
      expect(lastModified).toBeGreaterThan(before - 5_000);
      expect(lastModified).toBeLessThan(Date.now() + 5_000);
    }
    expect(await listed(`${testTenant()}/canonical/tickets/`)).toEqual([]);
  });

  it("lists tenants, and the table folders of one", async () => {
    const tenant = testTenant();
    await put(`${tenant}/canonical/tickets/a.ndjson`);
    await put(`${tenant}/canonical/it's; odd/a.ndjson`);
    await put(`${tenant}/elsewhere/a.ndjson`);
    expect(await store.tableFolders(tenant)).toEqual(["it's; odd", "tickets"]);
    expect(await store.tableFolders(testTenant())).toEqual([]);
    expect(await store.tenants()).toContain(tenant);
    await store.check();
  });

  it("tells contents apart by their etag", async () => {
    const tenant = testTenant();
    const key = await put(`${tenant}/canonical/tickets/a.ndjson`, "one\n");
    const object = await find(key);
    const md5 = createHash("md5").update("one\n").digest("hex");
    expect(await store.etag(object)).toBe(md5);
    expect([undefined, md5]).toContain(object.etag);
    await put(key, "two\n");
    expect(await store.etag(object)).toBe(createHash("md5").update("two\n").digest("hex"));
    await fixture.remove(key);
    expect(await store.etag(object)).toBeUndefined();
  });

  it.each([3, 40])(
    "says which of %d objects were replaced since they were listed",
    async (many) => {
      const prefix = `${testTenant()}/canonical/tickets/`;
      const keys = Array.from({ length: many }, (_, index) => `${prefix}part-${index}.ndjson`);
      await inLanes(8, keys, async (key) => void (await put(key, "as listed\n")));
      const objects = await listed(prefix);
      expect(await store.replaced(objects)).toEqual(new Set());
      await put(keys[1] ?? "", "replaced\n");
      await fixture.remove(keys[2] ?? "");
      expect(await store.replaced(objects)).toEqual(new Set([keys[1]]));
    },
  );

  it("finds Zstandard objects that are cut short, and leaves the rest to the reader", async () => {
    const prefix = `${testTenant()}/canonical/tickets/`;
    const whole = await put(`${prefix}whole.ndjson.zst`, Buffer.concat([HELLO_ZST, HELLO_ZST]));
    const cut = await put(`${prefix}cut.ndjson.zst`, HELLO_ZST.subarray(0, -1));
    const plain = await put(`${prefix}plain.ndjson`, "{");
    const gone = { ...(await find(whole)), key: `${prefix}gone.ndjson.zst` };
    expect(await store.isWhole(await find(whole))).toBe(true);
    expect(await store.isWhole(await find(cut))).toBe(false);
    expect(await store.isWhole(await find(plain))).toBe(true);
    expect(await store.isWhole(gone)).toBe(true);
  });

  it("lets ClickHouse read many objects in one statement, whatever their keys", async () => {
    const prefix = `${testTenant()}/canonical/tickets/`;
    await put(`${prefix}plain.ndjson`, `${ticket("plain 1")}\n${ticket("plain 3")}`);
    await put(`${prefix}${ODD_NAME}`, ticket("odd"));
    await put(`${prefix}packed.ndjson.gz`, gzipSync(ticket("packed")));
    await put(`${prefix}empty.ndjson`, "");
    for (let index = 0; index < 12; index++) {
      await put(`${prefix}more/${index}.ndjson`, ticket(`more ${index}`));
    }
    const keys = (await listed(prefix)).map(({ key }) => key);

    const raw = await rawRows(tickets, store, "ndjson", keys);
    const rows = await clickHouse.db.rows(
      {
        name: "test.read",
        params: raw.params,
        settings: { ...raw.settings },
        sql: `SELECT source_object, source_row, raw_ticket_id AS id FROM (${raw.sql}) ORDER BY id`,
      },
      z.object({ source_object: z.string(), source_row: z.coerce.number(), id: z.string() }),
    );

    expect(rows).toHaveLength(16);
    expect(rows).toEqual(
      expect.arrayContaining([
        { source_object: `${prefix}plain.ndjson`, source_row: 3, id: "plain 3" },
        { source_object: `${prefix}${ODD_NAME}`, source_row: 1, id: "odd" },
        { source_object: `${prefix}packed.ndjson.gz`, source_row: 1, id: "packed" },
        { source_object: `${prefix}more/11.ndjson`, source_row: 1, id: "more 11" },
      ]),
    );
  });
}
