import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";
import { cancelRun } from "@/server/runs/cancel-run";
import { executeRun } from "@/server/runs/execute-run";
import { type RunMode, findRun } from "@/server/runs/run-store";
import { summarizeRun } from "@/server/runs/run-summary";
import { startWorker } from "@/server/runs/worker";

import { type Moment, atMoment } from "./support/at-moment";
import { GREEN, Twins, endOf, leftovers, runInProcess } from "./support/crash";
import { LoadBench, balances } from "./support/load";
import { until } from "./support/until";

const TABLE = "tickets";

let bench: LoadBench;
let twins: Twins;

beforeAll(async () => {
  bench = await LoadBench.open();
  twins = await Twins.of(bench, 41);
});

afterAll(async () => bench.close());

async function untilItWaits(runId: string): Promise<void> {
  await until("the other run waits", async () =>
    (await bench.events(runId)).some((event) => event.event === "waiting_for_lease"),
  );
}

/** Both runs green and balanced, nothing left, and the history that of the calm twin. */
async function expectBoth(first: string, second: string): Promise<void> {
  for (const runId of [first, second]) {
    const summary = await summarizeRun(bench.db, runId);
    expect(summary.status).toBe("succeeded");
    expect(balances(summary)).toBe(true);
  }
  const { disturbed, calm } = await twins.outcomes("incremental", second);
  expect(disturbed).toMatchObject(GREEN);
  expect(disturbed.history).toEqual(calm.history);
  expect(disturbed.ledger.versions).toBe(calm.ledger.versions);
  expect(disturbed.ledger.current).toBe(calm.ledger.current);
  expect(await leftovers(bench)).toEqual([]);
}

describe("two runs of one table at once", () => {
  it.each<[string, RunMode, Moment]>([
    ["two increments", "incremental", { statement: "scd2.state.unsettle", when: "before" }],
    ["a bulk load and an increment", "bulk", { statement: "scd2.state.unsettle", when: "before" }],
  ])("in one process, %s: one waits", async (_what, mode, moment) => {
    await twins.land();
    const first = await twins.begin(mode);
    const second = await twins.begin("incremental");
    let other: Promise<unknown> | undefined;
    const db = atMoment(bench.db, moment, async () => {
      await twins.land();
      other = executeRun(bench.context, second);
      await untilItWaits(second);
    });
    expect(await executeRun({ ...bench.context, db }, first)).toEqual({ status: "succeeded" });
    expect(await other).toEqual({ status: "succeeded" });
    await expectBoth(first, second);
  });

  it("in two processes, two increments: one waits", async () => {
    await twins.land();
    const first = await twins.begin("incremental");
    const second = await twins.begin("incremental");
    const moment = { statement: "scd2.state.unsettle", when: "before" } as const;
    const child = runInProcess(bench, first, moment, "SIGSTOP");
    try {
      await until("the other process has staged", async () =>
        (await leftovers(bench)).some((name) => name.endsWith("_delta")),
      );
      await twins.land();
      const other = executeRun(bench.context, second);
      await untilItWaits(second);
      const end = endOf(child);
      const poke = setInterval(() => child.kill("SIGCONT"), 50);
      expect(await end).toEqual({ said: '{"status":"succeeded"}', signal: null });
      clearInterval(poke);
      expect(await other).toEqual({ status: "succeeded" });
    } finally {
      child.kill("SIGKILL");
    }
    await expectBoth(first, second);
  });

  it("the same run in two places: one carries it out", async () => {
    await twins.land();
    const runId = await twins.begin("incremental");
    const ends = await Promise.all([1, 2, 3].map(async () => executeRun(bench.context, runId)));
    expect(ends.filter((end) => "busy" in end)).toHaveLength(2);
    expect(ends).toContainEqual({ status: "succeeded" });
    await expectBoth(runId, runId);
  });
});

describe("cancel", () => {
  const before = (statement: string): Moment => ({ statement, when: "before" });
  const during = (statement: string): Moment => ({ statement, when: "during" });

  it.each<[RunMode, Moment]>([
    ["incremental", before("scd2.discover.ledger")],
    ["incremental", during("scd2.stage.insert")],
    ["incremental", before("scd2.stage.objects")],
    ["incremental", during("scd2.derive")],
    ["incremental", before("scd2.count")],
    ["incremental", before("scd2.merge.compare")],
    ["bulk", during("scd2.stage.insert")],
    ["bulk", during("scd2.merge.rows")],
    ["bulk", before("scd2.count")],
  ])("%s, %o: leaves the history as it was", async (mode, moment) => {
    await twins.land(moment.when === "during" ? 1_000 : 40);
    const history = await bench.history(twins.disturbed, TABLE);
    const runId = await twins.begin(mode);
    const db = atMoment(bench.db, moment, async (signal) => {
      await cancelRun(bench.db, { runId, requestedBy: "ada" });
      await until("the run has heard of it", () => signal?.aborted === true);
    });
    expect(await executeRun({ ...bench.context, db }, runId)).toEqual({ status: "cancelled" });
    expect(await findRun(bench.db, runId)).toMatchObject({
      status: "cancelled",
      cancel_requested_by: "ada",
      error: "Cancelled by ada.",
    });
    expect(await bench.history(twins.disturbed, TABLE)).toEqual(history);
    expect(await leftovers(bench)).toEqual([]);

    const next = await twins.begin("incremental");
    expect(await executeRun(bench.context, next)).toEqual({ status: "succeeded" });
    await expectBoth(next, next);
  });

  it("stops a run that nobody has begun, and one that waits", async () => {
    const queued = await twins.begin("incremental");
    await cancelRun(bench.db, { runId: queued, requestedBy: "ada" });
    expect(await executeRun(bench.context, queued)).toEqual({ status: "cancelled" });

    const first = await twins.begin("incremental");
    const second = await twins.begin("incremental");
    let other: Promise<unknown> | undefined;
    await twins.land();
    const db = atMoment(bench.db, before("scd2.state.unsettle"), async () => {
      other = executeRun(bench.context, second);
      await untilItWaits(second);
      await cancelRun(bench.db, { runId: second, requestedBy: "ada" });
      expect(await other).toEqual({ status: "cancelled" });
    });
    expect(await executeRun({ ...bench.context, db }, first)).toEqual({ status: "succeeded" });
    await expectBoth(first, first);
  });

  it("that comes when all is published keeps the ledger whole", async () => {
    await twins.land();
    const runId = await twins.begin("incremental");
    const db = atMoment(bench.db, before("insert.batches"), async () =>
      cancelRun(bench.db, { runId, requestedBy: "ada" }),
    );
    const end = await executeRun({ ...bench.context, db }, runId);
    expect(["cancelled", "succeeded"]).toContain("status" in end ? end.status : "");
    const { disturbed, calm } = await twins.outcomes("incremental", runId);
    expect({ ...disturbed.ledger, status: "" }).toEqual({ ...calm.ledger, status: "" });
    expect(disturbed.history).toEqual(calm.history);
    expect(disturbed.complaints).toEqual([]);
    expect(await leftovers(bench)).toEqual([]);
  });

  it("that is late does not bring a run back which has ended", async () => {
    const runId = await twins.begin("incremental");
    const db = atMoment(bench.db, before("runs.mark-cancel-requested"), async () => {
      await executeRun(bench.context, runId);
    });
    await cancelRun(db, { runId, requestedBy: "ada" });
    const run = await findRun(bench.db, runId);
    expect(run?.status).toBe("cancelled");
    expect(run?.finished_at).not.toBeNull();
  });
});

describe("a reader", () => {
  const Sight = z.object({ versions: zCount, current: zCount, content: z.string() });

  async function look(): Promise<string> {
    const sight = await bench.db.row(
      {
        name: "test.look",
        params: { tenant_id: twins.disturbed },
        sql: `SELECT count() AS versions, countIf(is_current) AS current,
  toString(sum(cityHash64(ticket_id, status, ifNull(summary, ''), effective_start_date, ifNull(effective_end_date, toDateTime64(0, 3))))) AS content
FROM tickets_history_of_tenant(tenant_id = {tenant_id:String})`,
      },
      Sight,
    );
    return JSON.stringify(sight);
  }

  /** What readers see, one look after another, while something happens. */
  async function sightsDuring(work: () => Promise<unknown>): Promise<Set<string>> {
    const sights = new Set<string>();
    const over = new AbortController();
    const reader = async (): Promise<void> => {
      do sights.add(await look());
      while (!over.signal.aborted);
    };
    const readers = Promise.all([reader(), reader()]);
    try {
      await work();
    } finally {
      over.abort();
      await readers;
    }
    return sights;
  }

  it.each(["bulk", "incremental"] as const)(
    "sees the old history or the whole new one, never a mixture and never nothing: %s",
    async (mode) => {
      const known = [await look()];
      const seen = new Set<string>();
      for (let turn = 0; turn < 2; turn++) {
        await twins.land(1_000);
        const runId = await twins.begin(mode);
        for (const sight of await sightsDuring(async () => executeRun(bench.context, runId))) {
          seen.add(sight);
        }
        known.push(await look());
      }
      expect(new Set(known).size).toBe(3);
      expect([...seen].filter((sight) => !known.includes(sight))).toEqual([]);
    },
  );
});

describe("the worker", () => {
  beforeEach(async () => {
    await twins.land();
  });

  async function untilEnded(runId: string): Promise<void> {
    await until(
      "the run has ended",
      async () => (await findRun(bench.db, runId))?.finished_at != null,
    );
  }

  it("picks up what is queued", async () => {
    const worker = startWorker(bench.context);
    const runs = [await twins.begin("incremental"), await twins.begin("incremental")] as const;
    try {
      for (const runId of runs) await untilEnded(runId);
    } finally {
      await worker.stop();
    }
    expect((await findRun(bench.db, runs[0]))?.status).toBe("succeeded");
    await expectBoth(runs[0], runs[1]);
  });

  /** A worker that is told to stop when it is about to derive the only batch. */
  async function stopAtWork(drainMs: number): Promise<string> {
    const runId = await twins.begin("incremental");
    let stopping: Promise<void> | undefined;
    let hasMet = false;
    const db = atMoment(bench.db, { statement: "scd2.derive", when: "before" }, () => {
      stopping = worker.stop();
      hasMet = true;
    });
    const worker = startWorker({ ...bench.context, db, drainMs });
    await until("the run is at work", () => hasMet);
    await stopping;
    return runId;
  }

  it("lets the batch at work finish when it is to end, and the run with it where that was the last", async () => {
    const runId = await stopAtWork(30_000);
    expect(await findRun(bench.db, runId)).toMatchObject({ status: "succeeded" });
    await expectBoth(runId, runId);
  });

  it("hands a run over whose batch does not finish in time; the next one goes on with it", async () => {
    const runId = await stopAtWork(0);
    expect(await findRun(bench.db, runId)).toMatchObject({ status: "running", finished_at: null });
    expect(await leftovers(bench)).toEqual([]);

    const next = startWorker(bench.context);
    try {
      await untilEnded(runId);
    } finally {
      await next.stop();
    }
    await expectBoth(runId, runId);
  });

  it("finds a run whose process died, and takes its leases and staging away", async () => {
    const runId = await twins.begin("incremental");
    await endOf(runInProcess(bench, runId, { statement: "scd2.derive", when: "after" }));
    expect(await leftovers(bench)).not.toEqual([]);
    const worker = startWorker(bench.context);
    try {
      await untilEnded(runId);
    } finally {
      await worker.stop();
    }
    await expectBoth(runId, runId);
  });
});
