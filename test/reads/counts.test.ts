import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { readDeadLetterGroups } from "@/server/analytics/dead-letter-groups";
import { readDeadLetters } from "@/server/analytics/dead-letter-list";
import { readNav } from "@/server/analytics/nav";
import { readTenant } from "@/server/analytics/tenant";
import type { Actor } from "@/server/auth/actor";
import { zCount, zInstant } from "@/server/clickhouse/columns";
import { seededRandom } from "@/server/demo/random";
import { countLetters } from "@/server/dlq/count-letters";
import { scopeToTenant } from "@/server/tenant-scope";
import { Twins } from "@/test/support/crash";
import { LoadBench } from "@/test/support/load";
import { ago, putDeadLetters, putTenants } from "@/test/support/operations";

const somebody: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
const SEED = 20_261_123;
const ROUNDS = 8;
const STATUSES = ["open", "open", "replayed", "discarded"] as const;

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const Truth = z.object({
  fingerprint: z.string(),
  count: zCount,
  tenants: zCount,
  firstSeen: zInstant,
  lastSeen: zInstant,
});

/** The groups as the dead letters themselves say them. */
async function groupsOf(status: string, tenantId: string): Promise<z.output<typeof Truth>[]> {
  return bench.db.rows(
    {
      name: "test.groups",
      params: { status, tenantId },
      sql: `SELECT fingerprint, count() AS count, uniqExact(tenant_id) AS tenants, min(first_seen) AS firstSeen, max(last_seen) AS lastSeen
FROM dead_letters FINAL
WHERE ({status:String} = '' OR status = {status:String}) AND ({tenantId:String} = '' OR tenant_id = {tenantId:String})
GROUP BY fingerprint
ORDER BY count DESC, fingerprint DESC`,
    },
    Truth,
  );
}

/** Their ids, the last seen first. */
async function lettersOf(status: string, tenantId: string): Promise<string[]> {
  const rows = await bench.db.rows(
    {
      name: "test.letters",
      params: { status, tenantId },
      sql: `SELECT dead_letter_id AS id FROM dead_letters FINAL
WHERE ({status:String} = '' OR status = {status:String}) AND ({tenantId:String} = '' OR tenant_id = {tenantId:String})
ORDER BY last_seen DESC, dead_letter_id DESC LIMIT 103`,
    },
    z.object({ id: z.string() }),
  );
  return rows.map((row) => row.id);
}

/** Everything that is read from counts, against the dead letters themselves. */
async function holdAgainstLetters(tenants: readonly string[]): Promise<void> {
  const { db } = bench;
  for (const [status, tenantId] of [
    ["open", undefined],
    ["open", tenants[0]],
    [undefined, undefined],
  ] as const) {
    const truth = await groupsOf(status ?? "", tenantId ?? "");
    const reply = await readDeadLetterGroups({ status, tenantId, after: null, limit: 100 }, db);
    expect(
      reply.rows.map(({ fingerprint, count, tenants: theirs, firstSeen, lastSeen }) => ({
        fingerprint,
        count,
        tenants: theirs,
        firstSeen,
        lastSeen,
      })),
    ).toEqual(truth);
    const sum = truth.reduce((total, group) => total + group.count, 0);
    expect([reply.records, reply.groups]).toEqual([sum, truth.length]);
    const list = await readDeadLetters({ status, tenantId, after: null, limit: 3 }, db);
    const rest = await readDeadLetters({ status, tenantId, after: list.next, limit: 100 }, db);
    expect(
      [...list.rows, ...(list.next === null ? [] : rest.rows)].map((letter) => letter.id),
    ).toEqual(await lettersOf(status ?? "", tenantId ?? ""));
    expect(list.matching.count).toBe(sum);
    expect(list.tenants.reduce((total, tenant) => total + tenant.count, 0)).toBe(sum);
  }
  const open = await groupsOf("open", "");
  expect((await readNav(db)).deadLetters).toBe(
    open.reduce((total, group) => total + group.count, 0),
  );
}

describe("counts of dead letters", () => {
  it("are those of the dead letters, whatever came since they were counted", async () => {
    const { db } = bench;
    const random = seededRandom(SEED);
    const tenants = ["counted-a", "counted-b", "counted-c"];
    await putTenants(
      db,
      tenants.map((tenant_id) => ({ tenant_id })),
    );
    for (let round = 0; round < ROUNDS; round++) {
      // New ones, and others that end, come back or fail in another way than before.
      await putDeadLetters(
        db,
        Array.from({ length: random.int(1, 25) }, () => {
          const id = random.int(1, 60);
          return {
            dead_letter_id: `letter-${id}`,
            tenant_id: tenants[id % tenants.length],
            table_name: ["tickets", "contacts", ""][id % 5] ?? "companies",
            kind: id % 5 === 2 ? "run" : "record",
            fingerprint: `f${random.int(1, 4)}`,
            status: random.pick(STATUSES),
            first_seen: ago(random.int(60, 200_000)),
            last_seen: ago(random.int(1, 59)),
          };
        }),
      );
      if (random.chance(0.5)) await countLetters(db);
      if (random.chance(0.3))
        await db.command({ name: "test.merge", sql: "OPTIMIZE TABLE dead_letters FINAL" });
      if (round === ROUNDS - 2) {
        await countLetters(db);
        // As the sweep of those whose time is over does.
        await db.command({
          name: "test.sweep",
          settings: { mutations_sync: "2" },
          sql: "ALTER TABLE dead_letters DELETE WHERE status = 'discarded'",
        });
      }
      await holdAgainstLetters(tenants);
    }
    await countLetters(db);
    expect(await countLetters(db)).toBe(0);
    await holdAgainstLetters(tenants);
  });
});

describe("sizes of tables", () => {
  it("are those of the history after increments, extracts, deletes, a plain repeat and a bulk load", async () => {
    const twins = await Twins.of(bench, SEED);
    const tenantId = twins.calm;
    const hold = async (): Promise<void> => {
      expect(await bench.complaints(tenantId, "tickets")).toEqual([]);
      const { tenant } = await readTenant(
        await scopeToTenant(bench.db, somebody, tenantId),
        bench.db,
      );
      const shown = tenant.tables.find((table) => table.tableName === "tickets");
      const history = await bench.history(tenantId, "tickets");
      expect([shown?.entities, shown?.versions, shown?.current]).toEqual([
        new Set(history.map((version) => version["ticket_id"])).size,
        history.length,
        history.filter((version) => version["is_current"] === true).length,
      ]);
    };
    await hold();
    for (let landing = 0; landing < 3; landing++) {
      await twins.land();
      await bench.load(tenantId, "tickets");
      await hold();
    }
    await bench.load(tenantId, "tickets");
    await hold();
    await bench.load(tenantId, "tickets", "bulk");
    await hold();
    await holdAgainstLetters([tenantId]);
  });
});
