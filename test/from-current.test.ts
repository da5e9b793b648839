import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Db, Statement } from "@/server/clickhouse/client";
import { type Random, seededRandom } from "@/server/demo/random";
import type { RunContext } from "@/server/runs/run-context";

import { LoadBench, type LoadedRun, firstDifferences } from "./support/load";
import { type OracleObject, expectedHistory } from "./support/oracle";

// Of a large history an increment looks at the current versions alone, where they are all that has to be known
// (server/scd2/touched.ts). Here that is done on small ones, and held against the oracle and against the other way.

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);

let bench: LoadBench;
/** The same, for which every history has many versions. */
let fromCurrent: RunContext;
beforeAll(async () => {
  bench = await LoadBench.open();
  fromCurrent = { ...bench.context, manyVersions: 0 };
});
afterAll(async () => bench.close());

interface Delivered {
  readonly ticket_id: string;
  readonly status?: string;
  readonly last_updated: string;
  readonly _deleted?: boolean;
}

/** What a run says of the records, without what is its own. */
function counts({
  status,
  read,
  rejected,
  duplicate,
  unchanged,
  changed,
  deleted,
  versions,
  ...run
}: LoadedRun): object {
  return { status, read, rejected, duplicate, unchanged, changed, deleted, versions, new: run.new };
}

const STATES = ["New", "Open", "Closed"];

function record(random: Random, id: string, at: number, status = random.pick(STATES)): Delivered {
  return { ticket_id: id, status, last_updated: new Date(at).toISOString() };
}

/** What a source may say of a ticket next: mostly what is new, and all that is not. */
function next(random: Random, id: string, now: number, last: Delivered | undefined): Delivered[] {
  const ahead = now + random.int(0, 50) * 1000;
  const before = START + random.int(0, Math.max(1, (now - START) / 1000)) * 1000;
  if (last === undefined) return [record(random, id, ahead)];
  switch (random.int(0, 9)) {
    case 0:
      return [last];
    case 1: // Unchanged, but looked at again.
      return [{ ...last, last_updated: new Date(ahead).toISOString() }];
    case 2: // Another content at the very instant.
      return [record(random, id, Date.parse(last.last_updated))];
    case 3:
      return [record(random, id, before)];
    case 4:
      return [{ ticket_id: id, last_updated: new Date(ahead).toISOString(), _deleted: true }];
    case 5:
      return [{ ticket_id: id, last_updated: new Date(before).toISOString(), _deleted: true }];
    case 6:
      return [last, record(random, id, ahead), record(random, id, ahead + 5000)];
    case 7:
      return [record(random, id, before), record(random, id, ahead)];
    default:
      return [record(random, id, ahead)];
  }
}

describe("an increment that starts from current versions", () => {
  it.each([1, 2, 3])("makes the same history and the same ledger: seed %i", async (seed) => {
    const random = seededRandom(seed);
    const [small, large] = [await bench.tenant(), await bench.tenant()];
    const objects: OracleObject[] = [];
    const last = new Map<string, Delivered>();
    for (let round = 0; round < 10; round++) {
      const now = START + round * HOUR;
      const records: Delivered[] = [];
      for (let ticket = 0; ticket < 24; ticket++) {
        const id = `T${ticket}`;
        if (random.chance(0.5)) continue;
        const said = next(random, id, now, last.get(id));
        records.push(...said);
        const newest = said.at(-1);
        if (newest !== undefined) last.set(id, newest);
      }
      const name = `t-20270101T${String(round).padStart(2, "0")}0000Z-1.ndjson`;
      const keys = [
        await bench.land(small, "tickets", name, records),
        await bench.land(large, "tickets", name, records),
      ];
      objects.push({
        tenantId: large,
        stamp: Date.UTC(2027, 0, 1) + round * HOUR,
        key: keys[1] ?? "",
        records,
      });
      const [one, other] = await Promise.all([
        bench.load(small, "tickets"),
        bench.load(large, "tickets", "incremental", fromCurrent),
      ]);
      expect(other.error).toBe("");
      expect(counts(other)).toEqual(counts(one));
      const expected = expectedHistory(bench.entity("tickets"), objects).get(large) ?? [];
      expect(firstDifferences(await bench.history(large, "tickets"), expected)).toEqual([]);
    }
    expect(await bench.complaints(large, "tickets")).toEqual([]);
  });

  it("reads of the log what it must, and no more", async () => {
    const tenantId = await bench.tenant();
    const tickets = 20_000;
    const select = (version: number, where: string): string =>
      `SELECT concat('T', toString(cityHash64(number))) AS ticket_id, 'x' AS summary, ['New', 'Open'][1 + v % 2] AS status,
  formatDateTime(toDateTime('2026-01-01 00:00:00', 'UTC') + v * 100000 + number, '%Y-%m-%dT%H:%i:%SZ') AS last_updated
FROM numbers(${tickets}) ARRAY JOIN range(${version}) AS v ${where}`;
    const name = (hour: number): string => `t-20270101T0${hour}0000Z-1.ndjson`;
    await bench.landSelect(tenantId, "tickets", name(0), "JSONEachRow", select(3, ""));
    await bench.load(tenantId, "tickets", "bulk");
    // A new version of some, and of others what is current, delivered again.
    const some = "WHERE number % 400 = 0 AND v = 3 OR number % 400 = 1 AND v = 2";
    await bench.landSelect(tenantId, "tickets", name(1), "JSONEachRow", select(4, some));
    const read = new Map<string, number>();
    const run = await bench.load(tenantId, "tickets", "incremental", {
      ...fromCurrent,
      db: recording(bench.db, read),
    });
    expect(run).toMatchObject({ status: "succeeded", read: 100, changed: 50, duplicate: 50 });
    // The batch some times over, and as many current versions.
    expect(read.get("scd2.derive")).toBeLessThanOrEqual(1_000);
    expect(read.get("scd2.merge.compare")).toBeLessThanOrEqual(1_000);
    expect(read.get("scd2.touched")).toBeLessThan(2 * tickets);
    expect(await bench.complaints(tenantId, "tickets")).toEqual([]);
  });
});

/** The same handle, which writes down how many rows the server read for each kind of statement. */
function recording(db: Db, read: Map<string, number>): Db {
  return new Proxy(db, {
    get(target, key) {
      if (key === "command")
        return async (statement: Statement) => {
          const done = await target.command(statement);
          read.set(statement.name, (read.get(statement.name) ?? 0) + done.readRows);
          return done;
        };
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
