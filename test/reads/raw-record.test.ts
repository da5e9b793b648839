import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, it } from "vitest";
import { tickets } from "@/lib/catalog/tickets";
import type { Actor } from "@/server/auth/actor";
import { readRawRecord } from "@/server/analytics/raw-record";
import { LocalStore } from "@/server/canonical/local-store";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putObjects, putTenants } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
const LINES = ['{"ticket_id":"1","status":"Open"}', "", '{"ticket_id":"2","status":"Clösed"}'];
const NDJSON = "acme/canonical/tickets/a-20260101T000000Z-1.ndjson.gz";
const CSV = "acme/canonical/tickets/b-20260101T000000Z-1.csv";

let test: TestDb;
let directory = "";
let store: LocalStore;
let acme: TenantScope;
let other: TenantScope;

beforeAll(async () => {
  test = await testDb();
  directory = mkdtempSync(path.join(tmpdir(), "avesa-raw-"));
  store = new LocalStore(directory);
  mkdirSync(path.join(directory, "acme/canonical/tickets"), { recursive: true });
  writeFileSync(path.join(directory, NDJSON), gzipSync(LINES.join("\n")));
  writeFileSync(path.join(directory, CSV), "ticket_id,status\n7,Open\n8,Closed\n");
  await putTenants(test.db, [{ tenant_id: "acme" }, { tenant_id: "other" }]);
  acme = await scopeToTenant(test.db, somebody, "acme");
  other = await scopeToTenant(test.db, somebody, "other");
  for (const object of await store.list("acme/canonical/tickets/"))
    await putObjects(test.db, [
      {
        tenant_id: "acme",
        object_key: object.key,
        bytes: object.bytes,
        last_modified: new Date(object.lastModified).toISOString(),
        etag: await store.etag(object),
      },
    ]);
});
afterAll(async () => {
  await test.close();
  rmSync(directory, { recursive: true, force: true });
});

const read = (scope: TenantScope, objectKey: string, row: number) =>
  readRawRecord(scope, tickets, { objectKey, row }, test.db, store);

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
  writeFileSync(path.join(directory, CSV), "ticket_id,status\n7,Changed\n");
  expect((await read(acme, CSV, 1)).why).toBe("replaced in the store");
  rmSync(path.join(directory, CSV));
  expect((await read(acme, CSV, 1)).why).toBe("gone from the store");
});
