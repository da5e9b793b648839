import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import { tickets } from "@/lib/catalog/tickets";
import { readLineage } from "@/server/analytics/lineage";
import { readRawRecord } from "@/server/analytics/raw-record";
import type { Actor } from "@/server/auth/actor";
import { scopeToTenant } from "@/server/tenant-scope";
import { registerTenant } from "@/server/tenants/register-tenant";

import { testTenant } from "../support/clickhouse";
import { LoadBench, balances } from "../support/load";
import { ODD_NAME } from "../support/store-suite";

const TABLE = "tickets";
const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
// The same name in two databases, for keys carry it.
const tenantId = testTenant("both");

let local: LoadBench;
let s3: LoadBench;
beforeAll(async () => {
  local = await LoadBench.open();
  s3 = await LoadBench.open({ kind: "s3" });
  for (const { db } of [local, s3]) await registerTenant(db, { tenantId, createdBy: "test" });
});
afterAll(async () => {
  await local.close();
  await s3.close();
});

function ticket(id: string, status: string, updated: string): Record<string, unknown> {
  return {
    ticket_id: id,
    ticket_number: id,
    summary: `About ${id}`,
    status,
    last_updated: updated,
  };
}

/** Lands the same objects in both stores. */
async function landInBoth(
  name: string,
  content: readonly object[] | string | Buffer,
): Promise<void> {
  const modified = new Date("2024-03-10T00:00:00Z");
  for (const bench of [local, s3]) await bench.land(tenantId, TABLE, name, content, modified);
}

async function landSelectInBoth(name: string, select: string): Promise<void> {
  for (const bench of [local, s3]) await bench.landSelect(tenantId, TABLE, name, "Parquet", select);
}

/** Each version with the record that it was made of, read again from its object. */
async function lineage(bench: LoadBench): Promise<unknown[]> {
  const scope = await scopeToTenant(bench.db, somebody, tenantId);
  const versions = await bench.db.rows(
    {
      name: "test.versions",
      params: { tenant_id: tenantId },
      sql: `SELECT ticket_id, run_id, source_object, source_row FROM tickets_scd FINAL
WHERE tenant_id = {tenant_id:String} ORDER BY ticket_id, effective_start_date`,
    },
    z.object({
      ticket_id: z.string(),
      run_id: z.string(),
      source_object: z.string(),
      source_row: z.coerce.number(),
    }),
  );
  return Promise.all(
    versions.map(async ({ ticket_id, run_id, source_object, source_row }) => {
      const { run, object } = await readLineage(
        scope,
        { tableName: TABLE, runId: run_id, objectKey: source_object },
        bench.db,
      );
      const raw = await readRawRecord(
        scope,
        tickets,
        { objectKey: source_object, row: source_row },
        bench.db,
        bench.context.store,
      );
      return { ticket_id, source_object, source_row, raw, mode: run?.mode, rows: object?.rows };
    }),
  );
}

it(
  "a bulk load and increments from S3 give what they give from a directory, down to the delivered rows",
  { timeout: 180_000 },
  async () => {
    await landInBoth("tickets-20240301T000000Z-1.ndjson", [
      ticket("1", "Open", "2024-02-01T00:00:00Z"),
      ticket("2", "Open", "2024-02-02T00:00:00Z"),
      { ticket_id: "", status: "lost" },
    ]);
    await landInBoth(
      "tickets-20240302T000000Z-1.csv.gz",
      gzipSync("ticket_id,ticket_number,status,last_updated\n3,3,Open,2024-02-03T00:00:00Z\n"),
    );
    await landSelectInBoth(
      "tickets-20240303T000000Z-1.parquet",
      "SELECT toString(number) AS ticket_id, ticket_id AS ticket_number, 'Waiting' AS status, '2024-02-04T00:00:00Z' AS last_updated FROM numbers(2, 3)",
    );
    const [bulkLocal, bulkS3] = [
      await local.load(tenantId, TABLE, "bulk"),
      await s3.load(tenantId, TABLE, "bulk"),
    ];
    expect(bulkS3).toMatchObject({
      status: bulkLocal.status,
      read: bulkLocal.read,
      new: bulkLocal.new,
    });
    expect(bulkS3).toMatchObject({ read: 7, rejected: 1 });

    // A late object with an old name, an odd one, and one that changes what is there.
    await landInBoth("archive-20200101T000000Z-1.ndjson", [
      ticket("1", "New", "2020-01-01T00:00:00Z"),
    ]);
    await landInBoth(ODD_NAME, [ticket("5", "Open", "2024-02-05T00:00:00Z")]);
    await landInBoth(
      "tickets-20240304T000000Z-1.ndjson.gz",
      gzipSync(`${JSON.stringify(ticket("1", "Closed", "2024-02-09T00:00:00Z"))}\n`),
    );
    const [nextLocal, nextS3] = [await local.load(tenantId, TABLE), await s3.load(tenantId, TABLE)];
    expect(nextS3).toMatchObject({ status: "succeeded", error: "", read: 3 });
    expect(nextS3).toMatchObject({
      read: nextLocal.read,
      new: nextLocal.new,
      changed: nextLocal.changed,
    });
    expect(balances(nextS3)).toBe(true);

    const history = await s3.history(tenantId, TABLE);
    expect(history.length).toBeGreaterThanOrEqual(7);
    expect(history).toEqual(await local.history(tenantId, TABLE));
    expect(await s3.deadLetters(tenantId)).toEqual(await local.deadLetters(tenantId));
    expect(await s3.complaints(tenantId, TABLE)).toEqual([]);

    const traced = await lineage(s3);
    expect(traced).toEqual(await lineage(local));
    for (const { raw } of traced as { raw: { text: string | null } }[]) {
      expect(raw.text).toMatch(/ticket_id/);
    }
  },
);

it("a run that S3 refuses fails at once, in words that say what to do", async () => {
  const { s3: server } = s3.objects;
  const account = server?.accounts.pop();
  if (server === undefined || account === undefined) throw new Error("no S3");
  const tenant = await s3.tenant();
  server.accounts.push({ ...account, secretAccessKey: "another one by now" });
  server.seen.length = 0;
  try {
    const run = await s3.load(tenant, TABLE, "bulk");
    expect(run).toMatchObject({ status: "failed", read: 0 });
    expect(run.error).toMatch(
      /The secret for s3:.* does not belong to its access key\. Check CANONICAL_STORE_/,
    );
    expect(JSON.stringify([run, await s3.events(run.run_id)])).not.toContain(account.sessionToken);
    expect(server.seen.length).toBeLessThan(4);
  } finally {
    server.accounts.splice(0, Number.POSITIVE_INFINITY, account);
  }
});

it("a run that S3 is too busy for says so, and is tried again", async () => {
  const { s3: server } = s3.objects;
  if (server === undefined) throw new Error("no S3");
  const tenant = await s3.tenant();
  await s3.land(tenant, TABLE, "tickets-20240301T000000Z-1.ndjson", [
    ticket("1", "Open", "2024-02-01T00:00:00Z"),
  ]);
  // As many answers as one statement asks for before it gives up, and no more.
  server.faults.push({
    when: ({ agent }) => !agent.includes("aws-sdk-js"),
    times: 9,
    status: 503,
    code: "SlowDown",
  });
  const run = await s3.load(tenant, TABLE, "bulk");
  expect(run).toMatchObject({ status: "succeeded", new: 1 });
  expect(server.faults).toEqual([]);
  expect(JSON.stringify(await s3.events(run.run_id))).toContain("S3 is overloaded or faulty");
});
