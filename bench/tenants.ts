import { z } from "zod";

import { catalog } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { startRun } from "@/server/runs/start-run";
import { startWorker } from "@/server/runs/worker";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { serverCpuMs, summarize } from "./measure";
import { landRecords } from "./records";
import { untilEnded } from "./runs-ended";

const TENANTS = 120;
const INCREMENT = 500;
/** Records of a tenant's table before the increment, and entities among them. */
const HISTORY = 2_000;
const ENTITIES = 1_000;
const BEGIN = Date.UTC(2026, 0, 1);

/**
 * Tenants with four tables and a short history each get an object a table, and their increments are queued together; a
 * worker as a console has it carries them out. A tenant's time is from the common start to its run's end, so it has
 * all the waiting in it: what an operator means who asks how long a tenant was behind.
 */
export const tenants: Benchmark = {
  name: "tenants",
  async run(bench) {
    const { db, rows } = bench;
    const count = Math.max(4, Math.round(TENANTS * Math.min(1, rows / 1_000_000)));
    const ids = Array.from({ length: count }, (_, nth) => `bench-${String(nth).padStart(3, "0")}`);
    bench.say(`tenants: history of ${count} tenants`);
    for (const tenantId of ids) await registerTenant(db, { tenantId, createdBy: "bench" });
    await land(bench, ids, 0, HISTORY);
    await carryOut(bench, ids, "bulk");
    await land(bench, ids, HISTORY, INCREMENT);
    bench.say(`tenants: increments of ${count} tenants × 4 tables at once`);
    const before = { server: await serverCpuMs(db), runner: process.cpuUsage() };
    const seconds = summarize(await carryOut(bench, ids, "incremental"));
    const runner = process.cpuUsage(before.runner);
    const tables = count * Object.keys(catalog).length;
    const serverMs = ((await serverCpuMs(db)) - before.server) / tables;
    const runnerMs = (runner.user + runner.system) / 1000 / tables;
    bench.say(
      `tenants: ${serverMs.toFixed(0)} ms of the server's CPU and ${runnerMs.toFixed(0)} ms of the runner's a table`,
    );
    return {
      "tenants.seconds": { value: seconds.most },
      "tenants.maxOverMedian": { value: seconds.most / seconds.median },
    };
  },
};

async function land(
  { db, store }: Bench,
  ids: readonly string[],
  from: number,
  rows: number,
): Promise<void> {
  for (const entity of Object.values(catalog)) {
    await landRecords(db, store, {
      entity,
      tenants: ids,
      rows,
      entities: ENTITIES,
      from,
      stamp: BEGIN + from * 1000,
    });
  }
}

/**
 * Queues a run a tenant and lets a worker carry them out.
 *
 * @returns seconds from the start to each run's end
 * @throws where one does not end green
 */
async function carryOut(
  { db, runs, signal }: Bench,
  ids: readonly string[],
  mode: "bulk" | "incremental",
): Promise<number[]> {
  const start = Date.now();
  const runIds = await Promise.all(
    ids.map(async (tenantId) => {
      const { runId } = await startRun(db, {
        tenantId,
        mode,
        trigger: "cli",
        requestedBy: "bench",
        planRule: "never",
      });
      return runId;
    }),
  );
  const worker = startWorker(runs);
  try {
    await untilEnded(db, runIds, signal);
  } finally {
    await worker.stop();
  }
  return secondsOf(db, runIds, start);
}

async function secondsOf(db: Db, runIds: readonly string[], start: number): Promise<number[]> {
  const ends = await db.rows(
    {
      name: "bench.runs",
      params: { run_ids: runIds },
      sql: "SELECT tenant_id, status, finished_at, error FROM runs FINAL WHERE run_id IN {run_ids:Array(String)}",
    },
    z.object({
      tenant_id: z.string(),
      status: z.string(),
      finished_at: z.string(),
      error: z.string(),
    }),
  );
  return ends.map(({ tenant_id, status, finished_at, error }) => {
    if (status !== "succeeded")
      throw new Error(`the run of ${tenant_id} ended ${status}: ${error}`);
    return (Date.parse(finished_at) - start) / 1000;
  });
}
