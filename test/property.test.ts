import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type RowCounts, ledgerDifference } from "@/server/scd2/count";
import { dropStaging } from "@/server/scd2/drop-staging";
import { loadTable } from "@/server/scd2/load-table";
import type { LoadMode } from "@/server/runs/run-store";

import { LoadBench, firstDifferences, inLanes } from "./support/load";
import { nobody } from "./support/nobody";
import { expectedHistory } from "./support/oracle";
import { type RandomStream, randomStreams } from "./support/random-streams";

const STREAMS = 300;
const FIRST_SEED = 20_261_122;
/** So many streams come run by run as they are; those of the others are gathered into a few runs, to save time. */
const STREAMS_RUN_BY_RUN = 24;
const GATHERED_RUNS = 2;
/** Every so many streams one is loaded in bulk too, and all its invariants are checked. */
const BULK_EVERY = 6;
const LANES = 4;

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

/** Loads what lies in the stream's store; the engine itself refuses to publish a ledger that does not balance. */
async function load({ table, tenantId, seed }: RandomStream, mode: LoadMode): Promise<RowCounts> {
  const work = {
    ...bench.context,
    // Histories are small here; every second stream is loaded as those with many versions are.
    ...(seed % 2 === 0 ? { manyVersions: 0 } : {}),
    entity: bench.entity(table),
    tenantId,
    runId: ulid(),
  };
  try {
    const outcome = await loadTable(work, mode, nobody, {
      rejectThresholdPercent: 10,
      rejectMinimumRows: 100,
    });
    expect({ ...outcome, difference: ledgerDifference(outcome.counts) }).toMatchObject({
      violations: [],
      deadObjects: 0,
      more: false,
      difference: 0,
      counts: { rejected: 0 },
    });
    return outcome.counts;
  } finally {
    await dropStaging(work);
  }
}

/** The same objects in the same order, in at most GATHERED_RUNS runs. */
function gathered({ runs }: RandomStream): RandomStream["runs"] {
  const size = Math.max(1, Math.ceil(runs.length / GATHERED_RUNS));
  return Array.from({ length: Math.ceil(runs.length / size) }, (_, index) =>
    runs.slice(index * size, (index + 1) * size).flat(),
  );
}

async function deliver(stream: RandomStream): Promise<void> {
  const isRunByRun = stream.seed < FIRST_SEED + STREAMS_RUN_BY_RUN;
  for (const objects of isRunByRun ? stream.runs : gathered(stream)) {
    for (const { key, body } of objects) {
      const file = bench.pathOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, body);
    }
    await load(stream, "incremental");
  }
}

/** What is wrong with the stream's history, in lines; none where it is the oracle's. */
async function differences(stream: RandomStream): Promise<string[]> {
  const { table, tenantId } = stream;
  const expected = expectedHistory(bench.entity(table), stream.objects).get(tenantId) ?? [];
  return firstDifferences(await bench.history(tenantId, table), expected);
}

describe("whatever the order of delivery, the history is the oracle's", () => {
  it(
    `for ${STREAMS} random streams, and for some of them as one bulk load`,
    { timeout: 900_000 },
    async () => {
      const failures: string[] = [];
      const blame = (stream: RandomStream, how: string, lines: readonly unknown[]): void => {
        if (lines.length === 0) return;
        failures.push(`seed ${stream.seed}, ${stream.table}, ${how}:\n  ${lines.join("\n  ")}`);
      };
      const streams = randomStreams(STREAMS, FIRST_SEED);
      await inLanes(LANES, streams, async (stream) => {
        try {
          await deliver(stream);
          blame(stream, "as delivered", await differences(stream));
          if (stream.seed % BULK_EVERY !== 0) return;
          const complaints = await bench.complaints(stream.tenantId, stream.table);
          blame(
            stream,
            "invariants and ledgers",
            complaints.map((one) => JSON.stringify(one)),
          );
          await load(stream, "bulk");
          blame(stream, "as one bulk load", await differences(stream));
        } catch (error) {
          blame(stream, "stopped", [error]);
        }
      });
      expect(failures.join("\n")).toBe("");
    },
  );
});
