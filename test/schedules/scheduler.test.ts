import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ulid } from "ulid";
import { z } from "zod";

import { nextTimes } from "@/lib/schedule";
import { zCount } from "@/server/clickhouse/columns";
import { Places } from "@/server/runs/places";
import { startWorker, type Worker } from "@/server/runs/worker";
import { type Run, findRuns } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import {
  type Scheduler,
  type SchedulerOptions,
  startScheduler,
} from "@/server/schedules/scheduler";
import { triggerIncrement } from "@/server/schedules/trigger-increment";
import { findTenant } from "@/server/tenants/find-tenant";
import { changeSettings, setPaused } from "@/server/tenants/settings";

import { atMoment } from "../support/at-moment";
import { LoadBench, ndjson } from "../support/load";
import { putRuns, putStates } from "../support/operations";
import { until } from "../support/until";

const ALL = [
  "queued",
  "running",
  "retrying",
  "stalled",
  "waiting_approval",
  "succeeded",
  "partial",
  "failed",
  "unbalanced",
  "cancelled",
];

let bench: LoadBench;
let schedulers: Scheduler[];
let worker: Worker | undefined;

beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(() => bench.close());
beforeEach(() => {
  schedulers = [];
});
afterEach(async () => {
  await Promise.all(schedulers.map((one) => one.stop()));
  await worker?.stop();
  worker = undefined;
});

let number = 0;
const company = (): object => ({
  company_id: String((number += 1)),
  company_name: `Company ${number}`,
  status: "Active",
  last_updated: new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString(),
});

async function land(tenantId: string, count = 1): Promise<string> {
  return bench.land(
    tenantId,
    "companies",
    `c-${(number += 1)}.ndjson`,
    Array.from({ length: count }, company),
  );
}

/** A tenant with its bulk load behind it. */
async function loaded(name?: string): Promise<string> {
  const tenantId = await bench.tenant(name);
  await land(tenantId);
  expect(await bench.load(tenantId, "companies", "bulk")).toMatchObject({ status: "succeeded" });
  return tenantId;
}

/** A tenant that counts as loaded: a run has published something of it once. Its store is empty. */
async function known(): Promise<string> {
  const tenantId = await bench.tenant();
  await putStates(bench.db, [{ tenant_id: tenantId, table_name: "companies" }]);
  await putRuns(bench.db, [
    { run_id: ulid(Date.now() - 60_000), tenant_id: tenantId, mode: "bulk" },
  ]);
  return tenantId;
}

function begin(options: Partial<SchedulerOptions> = {}): Scheduler {
  const scheduler = startScheduler(bench.context, {
    landing: "off",
    pollMs: 20,
    standbyMs: 50,
    ...options,
  });
  schedulers.push(scheduler);
  return scheduler;
}

async function increments(tenantId: string): Promise<Run[]> {
  const runs = await findRuns(bench.db, ALL, tenantId);
  return runs.filter((run) => run.mode === "incremental");
}

async function checkOf(tenantId: string) {
  return bench.db.maybeRow(
    {
      name: "test.check",
      params: { tenant_id: tenantId },
      sql: `SELECT cause, outcome, run_id, arraySum(waiting.objects) AS objects, toUnixTimestamp64Milli(slot_at) AS slot
FROM schedule_checks FINAL WHERE tenant_id = {tenant_id:String}`,
    },
    z.object({
      cause: z.string(),
      outcome: z.string(),
      run_id: z.string(),
      objects: zCount,
      slot: zCount.nullable(),
    }),
  );
}

/** A moment after `times` further times of the tenant's schedule. */
async function later(tenantId: string, times: number): Promise<{ now: number; last: number }> {
  const tenant = await findTenant(bench.db, tenantId);
  if (tenant === undefined) throw new Error("No tenant.");
  const last = nextTimes(tenantId, tenant.schedule, Date.now(), times).at(-1) ?? 0;
  return { now: last + 1000, last };
}

describe("a schedule", () => {
  it("starts one increment for all times that were missed, and none while that is not over", async () => {
    const tenantId = await loaded();
    await land(tenantId);
    const { now, last } = await later(tenantId, 7);
    begin({ now: () => now });
    await until("it looked", async () => (await checkOf(tenantId)) !== undefined);
    expect(await checkOf(tenantId)).toMatchObject({
      cause: "schedule",
      outcome: "started",
      objects: 1,
      slot: last,
    });
    expect(await increments(tenantId)).toMatchObject([
      { status: "queued", trigger: "schedule", requested_by: "the schedule" },
    ]);

    worker = startWorker(bench.context);
    await until("it is over", async () => (await increments(tenantId))[0]?.status === "succeeded");
    expect(await bench.history(tenantId, "companies")).toHaveLength(2);
    expect(await increments(tenantId)).toHaveLength(1);
  });

  it("makes no run where nothing is new, but keeps that it looked", async () => {
    const tenantId = await known();
    const { now, last } = await later(tenantId, 1);
    begin({ now: () => now });
    await until("it looked", async () => (await checkOf(tenantId)) !== undefined);
    expect(await checkOf(tenantId)).toMatchObject({
      outcome: "nothing_new",
      objects: 0,
      slot: last,
    });
    expect(await increments(tenantId)).toEqual([]);
  });

  it("leaves tenants alone that were never loaded, are paused, or have a run that is not over", async () => {
    const fresh = await bench.tenant();
    await land(fresh);
    const paused = await known();
    await land(paused);
    await setPaused(bench.db, paused, true, { actor: "marta", reason: "their source is down" });
    const busy = await known();
    await land(busy);
    await startRun(bench.db, {
      tenantId: busy,
      mode: "incremental",
      tables: ["tickets"],
      trigger: "cli",
      requestedBy: "test",
    });
    const due = await known();
    const { now } = await later(due, 2);
    begin({ now: () => now });
    await until(
      "the one that is due was looked at",
      async () => (await checkOf(due)) !== undefined,
    );
    expect(await increments(fresh)).toEqual([]);
    expect(await increments(paused)).toEqual([]);
    expect(await increments(busy)).toHaveLength(1);
    expect(await triggerIncrement(bench.context, fresh, { kind: "event" })).toEqual({
      outcome: "not_loaded",
    });
    expect(await triggerIncrement(bench.context, paused, { kind: "event" })).toEqual({
      outcome: "paused",
    });
    expect(await triggerIncrement(bench.context, busy, { kind: "event" })).toMatchObject({
      outcome: "busy",
    });
    expect(await triggerIncrement(bench.context, "nobody", { kind: "event" })).toEqual({
      outcome: "unknown",
    });

    // Resumed, it catches up at once.
    await setPaused(bench.db, paused, false, { actor: "marta" });
    await until("it was started", async () => (await increments(paused)).length === 1);
  });

  it("counts from its change: times of the new one that are past were not missed", async () => {
    const tenantId = await known();
    await changeSettings(bench.db, tenantId, {
      scheduleKind: "cron",
      cron: "0 * * * *",
      scheduleTimeZone: "Europe/Berlin",
    });
    const other = await known();
    const now = Math.floor(Date.now() / 3_600_000) * 3_600_000 + 3_599_000;
    await changeSettings(bench.db, other, { intervalMinutes: 1 });
    begin({ now: () => now });
    await until("the other was looked at", async () => (await checkOf(other)) !== undefined);
    expect(await checkOf(tenantId)).toBeUndefined();
  });

  it("is answered once by two processes", async () => {
    const tenantId = await known();
    await land(tenantId);
    const { now } = await later(tenantId, 3);
    const [one, two] = [begin({ now: () => now }), begin({ now: () => now })];
    await until("an increment was started", async () => (await increments(tenantId)).length > 0);
    expect([one.isActive, two.isActive].filter(Boolean)).toHaveLength(1);
    // Even without the lease two starts at one moment are one run.
    const second = await known();
    await land(second);
    const ends = await Promise.all(
      Array.from({ length: 4 }, async () =>
        triggerIncrement(bench.context, second, { kind: "event" }),
      ),
    );
    expect(new Set(ends.map((end) => ("runId" in end ? end.runId : end.outcome))).size).toBe(1);
    expect(await increments(second)).toHaveLength(1);

    await (one.isActive ? one : two).stop();
    await until("the other took over", () => one.isActive || two.isActive);
  });
});

describe("a landed object", () => {
  it("starts an increment within seconds, many at once just one, and a draft none", async () => {
    worker = startWorker(bench.context);
    const tenantId = await loaded();
    const scheduler = begin({ landing: "watch", pollMs: 500 });
    await until(
      "it is at work",
      async () => scheduler.isActive && (await checkOf(tenantId)) !== undefined,
    );

    const folder = path.join(bench.storeDir, tenantId, "canonical", "companies");
    const landedAt = new Date().toISOString();
    for (let index = 0; index < 20; index++) {
      const name = path.join(folder, `burst-${index}.ndjson`);
      await writeFile(`${name}.tmp`, ndjson([company()]));
      await rename(`${name}.tmp`, name);
    }
    await until(
      "they are in the tables",
      async () => (await bench.history(tenantId, "companies")).length === 21,
    );
    const [started] = await increments(tenantId);
    expect(started?.created_at.localeCompare(landedAt)).toBe(1);
    expect(Date.parse(started?.created_at ?? "") - Date.parse(landedAt)).toBeLessThan(10_000);
    expect(await increments(tenantId)).toMatchObject([
      { trigger: "event", requested_by: "a landed object" },
    ]);

    // A full extract is waited for until it is complete.
    const extract = path.join(folder, "full", "20261122T000000Z");
    await mkdir(extract, { recursive: true });
    await writeFile(path.join(extract, "part-1.ndjson"), ndjson([company()]));
    await writeFile(path.join(extract, "_SUCCESS"), "");
    await until("the extract is in the tables", async () =>
      (await increments(tenantId)).some((run, index) => index === 1 && run.finished_at !== null),
    );
    expect(await bench.history(tenantId, "companies")).toHaveLength(22);
  });

  it("is found by listing where the directory cannot be watched, and the reason is told", async () => {
    const tenantId = await known();
    await land(tenantId);
    const fail: SchedulerOptions["watch"] = (_root, _landed, failed) => {
      failed("the system allows no more watched directories");
      return { ready: Promise.resolve(), close: () => undefined };
    };
    begin({ landing: "watch", watch: fail, listingMs: 50 });
    await until("an increment was started", async () => (await increments(tenantId)).length === 1);
    const said = await bench.db.row(
      { name: "test.said", sql: "SELECT landing, message FROM schedulers FINAL" },
      z.object({ landing: z.string(), message: z.string() }),
    );
    expect(said.landing).toBe("listing");
    expect(said.message).toMatch(/no more watched directories; the store is listed every/);
  });
});

describe("what cannot be taken in", () => {
  it("makes one run, and not one at every time of the schedule", async () => {
    const tenantId = await loaded();
    const key = await land(tenantId);
    expect(await triggerIncrement(bench.context, tenantId, { kind: "event" })).toMatchObject({
      outcome: "started",
    });
    worker = startWorker(bench.context);
    const settled = async (): Promise<boolean> =>
      (await increments(tenantId)).every((run) => run.finished_at !== null);
    await until("it is over", settled);
    await writeFile(bench.pathOf(key), ndjson([company(), company()]));
    await bench.land(tenantId, "companies", "notes.txt", "no object");
    expect(await triggerIncrement(bench.context, tenantId, { kind: "event" })).toMatchObject({
      outcome: "started",
    });
    await until("it is over", settled);
    expect(await triggerIncrement(bench.context, tenantId, { kind: "event" })).toEqual({
      outcome: "nothing_new",
    });
    expect((await bench.deadLetters(tenantId)).map((letter) => letter.cause).toSorted()).toEqual([
      "object outside",
      "object replaced",
    ]);
  });

  it("says so where the store cannot be listed, and tries again", async () => {
    const tenantId = await known();
    const store = Object.assign(Object.create(bench.context.store) as typeof bench.context.store, {
      list: async () => Promise.reject(new Error("a secret path")),
    });
    const end = await triggerIncrement({ ...bench.context, store }, tenantId, {
      kind: "schedule",
      slotAt: Date.now(),
    });
    expect(end).toEqual({
      outcome: "failed",
      message: "The store could not be listed. The log tells why.",
    });
    expect(await checkOf(tenantId)).toMatchObject({ outcome: "failed", slot: null });
  });
});

describe("fairness", () => {
  it("holds small tenants up by one batch of a tenant with a long backlog at most", async () => {
    const sizing = { maxRecords: 1, maxBytes: 1_000_000, safetyFactor: 1 };
    const big = await loaded("big");
    const small = await Promise.all(["a", "b"].map((name) => loaded(name)));
    for (let index = 0; index < 3; index++) await land(big);
    const start = async (tenantId: string): Promise<void> => {
      await startRun(bench.db, {
        tenantId,
        mode: "incremental",
        tables: ["companies"],
        trigger: "cli",
        requestedBy: "test",
      });
    };
    await start(big);
    const places = new Places(1);
    // While the first batch is at work, the others land and come to wait.
    const db = atMoment(bench.db, { statement: "insert.batches", when: "after" }, async () => {
      for (const tenantId of small) {
        await land(tenantId);
        await start(tenantId);
      }
      await until("the others wait for their turn", () => places.waiting === small.length);
    });
    worker = startWorker({ ...bench.context, db, sizing, places });
    const over = async (): Promise<boolean> => {
      const runs = await Promise.all([big, ...small].map((tenantId) => increments(tenantId)));
      return runs.flat().length === 3 && runs.flat().every((run) => run.finished_at !== null);
    };
    await until("all is over", over, 50_000);
    const order = await bench.db.rows(
      {
        name: "test.order",
        params: { tenants: [big, ...small] },
        sql: `SELECT tenant_id FROM batches FINAL
WHERE tenant_id IN {tenants:Array(String)} AND run_id IN (SELECT run_id FROM runs FINAL WHERE mode = 'incremental')
ORDER BY published_at`,
      },
      z.object({ tenant_id: z.string() }),
    );
    const names = order.map((row) => (row.tenant_id === big ? "big" : "small"));
    expect(names).toEqual(["big", "small", "small", "big", "big"]);
  });
});

describe("stopping", () => {
  it("begins no further batch; the next start goes on behind the last one", async () => {
    const sizing = { maxRecords: 1, maxBytes: 1_000_000, safetyFactor: 1 };
    const tenantId = await loaded();
    for (let index = 0; index < 4; index++) await land(tenantId);
    const { runId } = await startRun(bench.db, {
      tenantId,
      mode: "incremental",
      tables: ["companies"],
      trigger: "cli",
      requestedBy: "test",
    });
    let stopping: Promise<void> | undefined;
    const db = atMoment(bench.db, { statement: "scd2.derive", when: "before" }, () => {
      stopping = first.stop();
    });
    const first = startWorker({ ...bench.context, db, sizing, drainMs: 30_000 });
    await until("it was told to stop", () => stopping !== undefined);
    await stopping;
    const batches = async (): Promise<number> =>
      (
        await bench.db.row(
          {
            name: "test.batches",
            params: { run_id: runId },
            sql: "SELECT count() AS found FROM batches FINAL WHERE run_id = {run_id:String}",
          },
          z.object({ found: zCount }),
        )
      ).found;
    expect(await batches()).toBe(1);
    expect(await increments(tenantId)).toMatchObject([{ status: "running", finished_at: null }]);

    worker = startWorker({ ...bench.context, sizing });
    await until("it is over", async () => (await increments(tenantId))[0]?.finished_at != null);
    expect(await increments(tenantId)).toMatchObject([{ status: "succeeded" }]);
    expect(await batches()).toBe(4);
    expect(await bench.history(tenantId, "companies")).toHaveLength(5);
  });
});
