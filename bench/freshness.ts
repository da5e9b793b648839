import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import { startWork } from "@/server/cli/start-work";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { load } from "./loads";
import { percentile } from "./measure";

const TENANTS = 20;
/** An object lands so often, in one of the tenants in turn. */
const EVERY_MS = 1_000;
const OBJECTS = 60;
const RECORDS = 50;
const LOOK_MS = 100;
/** What is not there by then is not coming. */
const LIMIT_MS = 120_000;

/**
 * A console's own scheduler and worker watch a local store into which objects trickle, a second apart, over twenty tenants; how
 * long until an object's records are in the current view, by asking ten times a second.
 */
export const freshness: Benchmark = {
  name: "freshness",
  async run(bench) {
    const count = Math.max(2, Math.round(TENANTS * Math.min(1, bench.rows / 1_000_000)));
    const objects = Math.max(4, Math.round(OBJECTS * Math.min(1, bench.rows / 1_000_000)));
    const ids = Array.from({ length: count }, (_, nth) => `bench-${String(nth).padStart(2, "0")}`);
    bench.say(`freshness: ${objects} objects trickle into ${count} tenants`);
    for (const [nth, tenantId] of ids.entries()) {
      await registerTenant(bench.db, { tenantId, createdBy: "bench" });
      await land(bench, tenantId, -count + nth);
      // An increment starts by itself only behind a first load.
      await load(bench.runs, tenantId, "bulk");
    }
    const work = startWork(bench.db);
    try {
      // The first look at the store is for what landed while nobody watched.
      await untilVisible(bench, await landed(bench, ids[0] ?? "", objects));
      const waiting: Promise<number>[] = [];
      for (let nth = 0; nth < objects; nth++) {
        waiting.push(untilVisible(bench, await landed(bench, ids[nth % count] ?? "", nth)));
        await wait(EVERY_MS, undefined, { signal: bench.signal });
      }
      const times = await Promise.all(waiting);
      bench.say(
        `freshness: median ${percentile(times, 0.5).toFixed(2)} s, slowest ${Math.max(...times).toFixed(2)} s`,
      );
      return { "freshness.p95Seconds": { value: percentile(times, 0.95) } };
    } finally {
      await work.stop();
    }
  },
};

interface Landed {
  readonly tenantId: string;
  /** A record that is in no other object. */
  readonly ticketId: string;
  readonly at: number;
}

async function landed(bench: Bench, tenantId: string, nth: number): Promise<Landed> {
  await land(bench, tenantId, nth);
  return { tenantId, ticketId: `own-${nth}`, at: performance.now() };
}

/** Writes an object beside its place and moves it there, as the pipeline before us does. */
async function land({ store }: Bench, tenantId: string, nth: number): Promise<void> {
  const directory = join(store, tenantId, "canonical", "tickets");
  await mkdir(directory, { recursive: true });
  const at = Date.UTC(2026, 0, 2) + nth * 1000;
  const records = Array.from({ length: RECORDS }, (_, place) => ({
    ticket_id: place === 0 ? `own-${nth}` : `T-${place}`,
    summary: `State ${nth} of ticket ${place}`,
    status: "New",
    source_system: "bench",
    source_table: "tickets",
    last_updated: new Date(at).toISOString(),
  }));
  const stamp = new Date(at).toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
  const path = join(directory, `tickets-${stamp}-1.ndjson`);
  await writeFile(`${path}.tmp`, records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  await rename(`${path}.tmp`, path);
}

/** @returns seconds since the object landed */
async function untilVisible({ db, signal }: Bench, object: Landed): Promise<number> {
  for (;;) {
    const { found } = await db.row(
      {
        name: "bench.visible",
        params: { tenant_id: object.tenantId, ticket_id: object.ticketId },
        sql: `SELECT count() > 0 AS found FROM tickets_current_of_tenant(tenant_id = {tenant_id:String}) WHERE ticket_id = {ticket_id:String}`,
      },
      z.object({ found: z.coerce.boolean() }),
    );
    const waited = performance.now() - object.at;
    if (found) return waited / 1000;
    if (waited > LIMIT_MS) throw new Error(`${object.ticketId} of ${object.tenantId} did not come`);
    signal.throwIfAborted();
    await wait(LOOK_MS);
  }
}
