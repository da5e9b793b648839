import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Random, seededRandom } from "@/server/demo/random";

import { type HistoryRow, LoadBench, balances, firstDifferences } from "./support/load";

const DATA = path.resolve(import.meta.dirname, "../../shared/data/servicenow");
const OBJECTS = path.join(DATA, "northwind-it/canonical/tickets");
const hasData = existsSync(OBJECTS);

const TABLE = "tickets";
const INCREMENTS = 20;
const SEED = 20_161_122;

interface Landing {
  readonly name: string;
  readonly content: Buffer;
}

/** The objects scrambled into so many increments; about one in ten comes again later, under the same key or another. */
function scrambledIncrements(objects: readonly Landing[], random: Random): Landing[][] {
  const increments: Landing[][] = Array.from({ length: INCREMENTS }, () => []);
  for (const object of random.shuffle(objects)) {
    const first = random.int(0, INCREMENTS - 1);
    increments[first]?.push(object);
    if (!random.chance(0.1)) continue;
    // Behind the stamp stands a number; with another one it is another object of the same stamp.
    const name = random.chance(0.5)
      ? object.name
      : object.name.replace(/-1(\.[^-]*)$/, `-${random.int(2, 9)}$1`);
    increments[random.int(first, INCREMENTS - 1)]?.push({ ...object, name });
  }
  return increments;
}

/** The expected versions as the export writes them: hours there are JSON numbers, here text with two places. */
function expectedVersions(): HistoryRow[] {
  const text = gunzipSync(readFileSync(path.join(DATA, "expected_versions.ndjson.gz"))).toString();
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as HistoryRow);
}

function withTextHours(row: HistoryRow): HistoryRow {
  const hours = (value: unknown): unknown => (typeof value === "number" ? value.toFixed(2) : value);
  return {
    ...row,
    budget_hours: hours(row["budget_hours"]),
    actual_hours: hours(row["actual_hours"]),
  };
}

describe.skipIf(!hasData)(
  `the real ServiceNow history${hasData ? "" : " (skipped: no real data)"}`,
  () => {
    let bench: LoadBench;
    let objects: Landing[];
    let expected: HistoryRow[];

    beforeAll(async () => {
      bench = await LoadBench.open();
      objects = readdirSync(OBJECTS)
        .sort()
        .map((name) => ({ name, content: readFileSync(path.join(OBJECTS, name)) }));
      expected = expectedVersions().map(withTextHours);
    });
    afterAll(async () => bench.close());

    it("comes out of one bulk load exactly", { timeout: 300_000 }, async () => {
      const tenantId = await bench.tenant();
      for (const { name, content } of objects) await bench.land(tenantId, TABLE, name, content);

      const run = await bench.load(tenantId, TABLE, "bulk");

      expect(run).toMatchObject({
        status: "succeeded",
        read: 84_869,
        new: 14_924,
        rejected: 0,
        versions: 65_790,
        current: 14_924,
      });
      expect(balances(run)).toBe(true);
      const history = await bench.history(tenantId, TABLE);
      expect(firstDifferences(history, expected)).toEqual([]);
      expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
    });

    it(
      "comes out of 20 increments of scrambled objects, some of them repeated",
      { timeout: 300_000 },
      async () => {
        const tenantId = await bench.tenant();
        const increments = scrambledIncrements(objects, seededRandom(SEED));
        expect(increments.flat().length).toBeGreaterThan(objects.length);

        let current = { versions: 0, current: 0 };
        for (const landings of increments) {
          for (const { name, content } of landings) {
            await bench.land(tenantId, TABLE, name, content);
          }
          const run = await bench.load(tenantId, TABLE);
          expect(run).toMatchObject({ status: "succeeded", rejected: 0 });
          expect(balances(run)).toBe(true);
          current = { versions: run.versions, current: run.current };
        }

        expect(current).toEqual({ versions: 65_790, current: 14_924 });
        const history = await bench.history(tenantId, TABLE);
        expect(firstDifferences(history, expected)).toEqual([]);
        expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
      },
    );
  },
);
