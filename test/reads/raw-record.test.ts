import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tickets } from "@/lib/catalog/tickets";
import type { Actor } from "@/server/auth/actor";
import { readRawRecord } from "@/server/analytics/raw-record";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putObjects, putTenants } from "@/test/support/operations";
import { STORE_KINDS, openStore, type StoreFixture } from "@/test/support/store-fixture";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
const LINES = ['{"ticket_id":"1","status":"Open"}', "", '{"ticket_id":"2","status":"Clösed"}'];
const NDJSON = "acme/canonical/tickets/a-20260101T000000Z-1.ndjson.gz";
const CSV = "acme/canonical/tickets/b-20260101T000000Z-1.csv";

describe.each(STORE_KINDS)("in a store of kind %s", (kind) => {
  let test: TestDb;
  let objects: StoreFixture;
  let acme: TenantScope;
  let other: TenantScope;

  beforeAll(async () => {
    test = await testDb();
    objects = await openStore(kind);
    await objects.put(NDJSON, gzipSync(LINES.join("\n")));
    await objects.put(CSV, Buffer.from("ticket_id,status\n7,Open\n8,Closed\n"));
    await putTenants(test.db, [{ tenant_id: "acme" }, { tenant_id: "other" }]);
    acme = await scopeToTenant(test.db, somebody, "acme");
    other = await scopeToTenant(test.db, somebody, "other");
    for (const object of await objects.store.list("acme/canonical/tickets/"))
      await putObjects(test.db, [
        {
          tenant_id: "acme",
          object_key: object.key,
          bytes: object.bytes,
          last_modified: new Date(object.lastModified).toISOString(),
          etag: await objects.store.etag(object),
        },
      ]);
  });
  afterAll(async () => {
    await test.close();
    await objects.close();
  });

  const read = (scope: TenantScope, objectKey: string, row: number) =>
    readRawRecord(scope, tickets, { objectKey, row }, test.db, objects.store);

  it("gives a line of an object as it was delivered, counted as a person counts lines", async () => {
    expect(await read(acme, NDJSON, 3)).toEqual({ text: LINES[2], bytes: 36, why: null });
    expect((await read(acme, CSV, 2)).text).toContain('"status":"Closed"');
    expect((await read(acme, NDJSON, 9)).why).toBe("not in the object");
  });

  it("names no object that the tenant's ledger does not have", async () => {
    expect((await read(other, NDJSON, 1)).why).toBe("not in the ledger");
    expect((await read(acme, "../../etc/passwd", 1)).why).toBe("not in the ledger");
  });

  it("shows nothing of an object that was replaced or is gone", async () => {
    await objects.put(CSV, Buffer.from("ticket_id,status\n7,Changed\n"));
    expect((await read(acme, CSV, 1)).why).toBe("replaced in the store");
    await objects.remove(CSV);
    expect((await read(acme, CSV, 1)).why).toBe("gone from the store");
  });
});
