import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import { zCount, zDigits } from "@/server/clickhouse/columns";
import { type Random, seededRandom } from "@/server/demo/random";
import { type Effect, type EntityVersion, effectsOf, recordKey } from "@/server/dlq/verdicts";
import { registerTenant } from "@/server/tenants/register-tenant";

import { LoadBench, balances, firstDifferences } from "../support/load";
import { type OracleObject, expectedHistory } from "../support/oracle";
import { type RandomStream, randomStream } from "../support/random-streams";
import { DlqTenant, type Letter, TABLE } from "./dlq-bench";

const FIRST_SEED = 77_001;
const STREAMS = 1;
/** Not in play in the streams, so that a record is as it should be once it is taken away. */
const SPOILED_FIELD = "actual_hours";
const MEND = { [SPOILED_FIELD]: null };

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

/** The object's lines with some records spoiled; delete markers ask for their id alone and stay. */
function spoiled(random: Random, body: string): string {
  return body
    .split("\n")
    .map((line) => {
      if (line === "" || !random.chance(0.35)) return line;
      const record = JSON.parse(line) as Record<string, unknown>;
      if (record["_deleted"] === true) return line;
      return JSON.stringify({ ...record, [SPOILED_FIELD]: random.pick(["n/a", "1,5", "?"]) });
    })
    .join("\n");
}

async function versions(tenant: DlqTenant): Promise<EntityVersion[]> {
  return bench.db.rows(
    {
      name: "test.versions",
      params: { tenant_id: tenant.tenantId },
      sql: `SELECT ticket_id AS id, toUnixTimestamp64Milli(effective_start_date) AS starts,
  toUnixTimestamp64Milli(effective_end_date) AS ends, toString(record_hash) AS hash,
  toString(source_object) AS object, source_row AS row
FROM tickets_scd FINAL WHERE tenant_id = {tenant_id:String}`,
    },
    z.object({
      id: z.string(),
      starts: zCount,
      ends: zCount.nullable(),
      hash: zDigits,
      object: z.string(),
      row: zCount,
    }),
  );
}

/** What the replay of these letters did, read from the history and the log afterwards. */
async function whatHappened(
  tenant: DlqTenant,
  letters: readonly Letter[],
  before: readonly EntityVersion[],
): Promise<Map<string, Effect>> {
  const places = new Set(letters.map(recordKey));
  const observed = await bench.db.rows(
    {
      name: "test.observed",
      params: { tenant_id: tenant.tenantId },
      sql: `SELECT DISTINCT ticket_id AS id, toUnixTimestamp64Milli(observed_at) AS at, toBool(kind = 'delete') AS isDelete,
  toString(source_object) AS object, source_row AS row
FROM tickets_log WHERE tenant_id = {tenant_id:String} AND kind != 'rejected'`,
    },
    z.object({
      id: z.string(),
      at: zCount,
      isDelete: z.boolean(),
      object: z.string(),
      row: zCount,
    }),
  );
  const records = observed.filter((record) => places.has(recordKey(record)));
  const touched = new Set(records.map((record) => record.id));
  const of = (all: readonly EntityVersion[]): EntityVersion[] =>
    all.filter((version) => touched.has(version.id));
  return effectsOf(records, of(before), of(await versions(tenant)));
}

/** Replays letters; what the dry run had said must be what happens. */
async function replay(tenant: DlqTenant, letters: readonly Letter[]): Promise<number> {
  if (letters.length === 0) return 0;
  const ids = letters.map((letter) => letter.id);
  const predicted = await tenant.dryRun(ids, MEND);
  const before = await versions(tenant);
  const run = await tenant.replay(ids, MEND);
  expect(run).toMatchObject({ status: "succeeded", read: ids.length, rejected: 0 });
  expect(balances(run)).toBe(true);
  const happened = await whatHappened(tenant, letters, before);
  const changes = new Set(["opens", "ends", "changes"]);
  for (const letter of letters) {
    const verdict = predicted.verdicts.find((one) => one.id === letter.id);
    const { kind, opens, closes, changes: changed } = verdict ?? {};
    expect({ kind, opens, closes, changes: changed }).toEqual(happened.get(recordKey(letter)));
  }
  expect(predicted.changing).toBe(
    [...happened.values()].filter((effect) => changes.has(effect.kind)).length,
  );
  return predicted.changing;
}

/** Many records of few entities in few objects, one of them an extract: much happens in few runs. */
function denseStream(tenantId: string): Pick<RandomStream, "tenantId" | "objects" | "runs"> {
  const random = seededRandom(FIRST_SEED);
  const record = (): Record<string, unknown> => ({
    ticket_id: `T${random.int(1, 25)}`,
    status: `state ${random.int(1, 3)}`,
    last_updated: new Date(Date.UTC(2024, 0, random.int(1, 40))).toISOString(),
    ...(random.chance(0.08) ? { _deleted: true } : {}),
  });
  const objects = [20, 25, 30, 45].map((day, index): OracleObject => {
    const stamp = Date.UTC(2024, 0, day);
    const text = new Date(stamp).toISOString().replaceAll(/[-:]|\.000/g, "");
    const isExtract = index === 2;
    return {
      tenantId,
      stamp,
      ...(isExtract ? { extract: stamp } : {}),
      key: `${tenantId}/canonical/${TABLE}/${isExtract ? `full/${text}/part.ndjson` : `a-${text}-1.ndjson`}`,
      records: Array.from({ length: isExtract ? 30 : 45 }, record),
    };
  });
  // A batch of 100 rows or more would be stopped by its share of rejects.
  const runs = objects.map(({ key, records, extract }) => [
    { key, body: records.map((one) => JSON.stringify(one)).join("\n") },
    ...(extract === undefined ? [] : [{ key: `${path.posix.dirname(key)}/_SUCCESS`, body: "" }]),
  ]);
  return { tenantId, objects, runs };
}

async function deliver(
  stream: Pick<RandomStream, "tenantId" | "runs">,
  random: Random,
): Promise<[DlqTenant, number]> {
  await registerTenant(bench.db, { tenantId: stream.tenantId, createdBy: "test" });
  const tenant = await DlqTenant.as(bench, stream.tenantId);
  const size = Math.ceil(stream.runs.length / 3);
  let changing = 0;
  for (let at = 0; at < stream.runs.length; at += size) {
    for (const { key, body } of stream.runs.slice(at, at + size).flat()) {
      const file = bench.pathOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, spoiled(random, body));
    }
    await tenant.load();
    const open = await tenant.letters("open");
    changing += await replay(
      tenant,
      open.filter(() => random.chance(0.5)),
    );
  }
  return [tenant, changing + (await replay(tenant, await tenant.letters("open")))];
}

it(
  `the history of random streams with rejects is the oracle's once they are mended, and every dry run was right`,
  { timeout: 900_000 },
  async () => {
    let changing = 0;
    const streams = [
      denseStream("mended-dense"),
      ...Array.from({ length: STREAMS }, (_, index) =>
        randomStream(FIRST_SEED + index, `mended-${index}`, { table: TABLE }),
      ),
    ];
    for (const [seed, stream] of streams.entries()) {
      const [tenant, changed] = await deliver(stream, seededRandom(seed));
      changing += changed;
      const { tenantId } = tenant;
      const expected =
        expectedHistory(bench.entity(TABLE), stream.objects).get(tenant.tenantId) ?? [];
      const wrong = async (): Promise<string[]> =>
        firstDifferences(await tenant.history(), expected);
      expect({ tenantId, wrong: await wrong() }).toEqual({ tenantId, wrong: [] });
      expect(await tenant.complaints()).toEqual([]);
      expect(await tenant.load("bulk")).toMatchObject({ rejected: 0 });
      expect({ tenantId, reloaded: await wrong() }).toEqual({ tenantId, reloaded: [] });
      expect(await tenant.letters("open")).toEqual([]);
    }
    expect(changing).toBeGreaterThan(20);
  },
);
