import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { dropStaging } from "@/server/scd2/drop-staging";
import { type LoadOutcome, loadTable } from "@/server/scd2/load-table";

import { LoadBench } from "./support/load";
import { nobody } from "./support/nobody";

/** Every object is a piece of its own. */
const PIECE = { maxRecords: 1, maxBytes: 1, safetyFactor: 1 };
const OBJECTS = 4;
const LIMITS = { rejectThresholdPercent: 10, rejectMinimumRows: 100 };

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

/** Objects whose records contradict and overtake each other, so that no piece is right without the others. */
async function land(tenantId: string): Promise<void> {
  for (let object = 0; object < OBJECTS; object++) {
    const day = `0${OBJECTS - object}`;
    await bench.land(
      tenantId,
      "tickets",
      `a-202402${day}T000000Z-${object}.ndjson`,
      ["T1", "T2", `T${object + 3}`].map((ticket_id) => ({
        ticket_id,
        status: `state ${object % 2}`,
        last_updated: `2024-01-${day}T10:00:00Z`,
      })),
    );
  }
}

describe("a first bulk load of more than one piece", () => {
  it("publishes piece by piece; another call goes on behind the last; the history is that of one piece", async () => {
    const [whole, inPieces] = [await bench.tenant(), await bench.tenant()];
    await land(whole);
    await land(inPieces);
    await bench.load(whole, "tickets", "bulk");

    const work = {
      ...bench.context,
      entity: bench.entity("tickets"),
      tenantId: inPieces,
      runId: ulid(),
    };
    const calls: LoadOutcome[] = [];
    do {
      // Its time is over as soon as it began: each call publishes one piece.
      calls.push(await loadTable(work, "bulk", nobody, { ...LIMITS, pieces: PIECE, deadline: 0 }));
      await dropStaging(work);
    } while (calls.at(-1)?.more === true && calls.length < 10);
    expect(calls.map(({ more, counts }) => ({ more, read: counts.read }))).toEqual([
      { more: true, read: 3 },
      { more: true, read: 3 },
      { more: true, read: 3 },
      { more: false, read: 3 },
    ]);
    expect(await bench.history(inPieces, "tickets")).toEqual(await bench.history(whole, "tickets"));
    expect(await bench.complaints(inPieces, "tickets")).toEqual([]);
  });

  it("is one run with one ledger; a reload of the same size replaces the history at once", async () => {
    const tenantId = await bench.tenant();
    await land(tenantId);
    const context = { ...bench.context, bulkPiece: PIECE };
    const first = await bench.load(tenantId, "tickets", "bulk", context);
    expect(first).toMatchObject({ status: "succeeded", read: 3 * OBJECTS });
    expect(await published(first.run_id)).toBe(OBJECTS);
    const history = await bench.history(tenantId, "tickets");

    const again = await bench.load(tenantId, "tickets", "bulk", context);
    expect(again).toMatchObject({ status: "succeeded", read: 3 * OBJECTS });
    expect(await published(again.run_id)).toBe(1);
    expect(await bench.history(tenantId, "tickets")).toEqual(history);
    expect(await bench.complaints(tenantId, "tickets")).toEqual([]);
  });
});

/** How many batches a run published. */
async function published(runId: string): Promise<number> {
  const events = await bench.events(runId);
  return events.filter(({ event }) => event === "batch_published").length;
}
