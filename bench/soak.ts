import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import { type Entity, catalog } from "@/lib/catalog";
import { searchEntities } from "@/server/analytics/entity-search";
import { readEntityHistory } from "@/server/analytics/entity-history";
import type { Actor } from "@/server/auth/actor";
import { zCount } from "@/server/clickhouse/columns";
import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";
import { env } from "@/server/env";
import { inLanes } from "@/server/in-lanes";
import { type TenantScope, scopeToTenant } from "@/server/tenant-scope";
import { registerTenant } from "@/server/tenants/register-tenant";

import type { Bench, Benchmark } from "./benchmark";
import { load } from "./loads";
import { percentile } from "./measure";
import { landRecords } from "./records";

const TENANTS = 40;
const LOADS_AT_ONCE = 4;
const SECONDS = 300;
const HISTORY = 5_000;
const INCREMENT = 200;
const ENTITIES = 2_500;
/** Increments at work at once: more than the places for them, so that these are always taken. */
const WRITERS = 12;
const READERS = 3;
/** A reader rests between two reads: people look at what they asked for. */
const REST_MS = 100;
const LOOK_MS = 2_000;
const ACTOR: Actor = { username: "bench", displayName: "", role: "admin" };

/** What happened. */
interface Soaked {
  reads: number[];
  errors: number;
  increments: number;
  partsMax: number;
  /** Of this process and the embedded server together, in MB. */
  memory: number[];
}

/**
 * Increments one after another over forty tenants for five minutes, as fast as the runner takes them, and readers beside them
 * who ask for a tenant's current counts, its newest changes and single timelines.
 */
export const soak: Benchmark = {
  name: "soak",
  async run(bench) {
    const scale = Math.min(1, bench.rows / 1_000_000);
    const ids = Array.from({ length: TENANTS }, (_, nth) => `bench-${nth}`).slice(
      0,
      Math.max(4, Math.round(TENANTS * scale)),
    );
    const seconds = Math.max(10, SECONDS * scale);
    const entity = catalog["tickets"];
    if (entity === undefined) throw new Error("there are no tickets in the catalogue");
    bench.say(`soak: ${ids.length} tenants for ${seconds.toFixed(0)} s`);
    const scopes: TenantScope[] = [];
    for (const tenantId of ids) {
      await registerTenant(bench.db, { tenantId, createdBy: "bench" });
      scopes.push(await scopeToTenant(bench.db, ACTOR, tenantId));
    }
    await land(bench, entity, ids, 0, HISTORY);
    await inLanes(LOADS_AT_ONCE, ids, async (tenantId) => load(bench.runs, tenantId, "bulk"));

    const soaked: Soaked = { reads: [], errors: 0, increments: 0, partsMax: 0, memory: [] };
    const end = performance.now() + seconds * 1000;
    await Promise.all([
      ...Array.from({ length: WRITERS }, async (_, lane) =>
        write(bench, entity, ids, lane, end, soaked),
      ),
      ...Array.from({ length: READERS }, async (_, lane) =>
        read(bench, entity, scopes, lane, end, soaked),
      ),
      look(bench, end, soaked),
    ]);
    return {
      "soak.readP95Ms": { value: percentile(soaked.reads, 0.95) },
      "soak.partsMax": { value: soaked.partsMax },
      "soak.errors": { value: soaked.errors },
      "soak.rssGrowthMb": { value: secondHalfGrowth(soaked.memory) },
      "soak.increments": { value: soaked.increments },
    };
  },
};

async function land(
  { db, store }: Bench,
  entity: Entity,
  tenants: readonly string[],
  from: number,
  rows: number,
): Promise<void> {
  const stamp = Date.UTC(2026, 0, 1) + from * 1000;
  await landRecords(db, store, { entity, tenants, rows, entities: ENTITIES, from, stamp });
}

/** One increment after another, each of the next of the lane's tenants. */
async function write(
  bench: Bench,
  entity: Entity,
  ids: readonly string[],
  lane: number,
  end: number,
  soaked: Soaked,
): Promise<void> {
  const mine = ids.filter((_, nth) => nth % WRITERS === lane);
  for (let turn = 0; mine.length > 0 && performance.now() < end; turn++) {
    const tenantId = mine[turn % mine.length] ?? "";
    const from = HISTORY + Math.floor(turn / mine.length) * INCREMENT;
    await land(bench, entity, [tenantId], from, INCREMENT);
    await counted(bench, soaked, async () => load(bench.runs, tenantId, "incremental"));
    soaked.increments += 1;
  }
}

async function read(
  bench: Bench,
  entity: Entity,
  scopes: readonly TenantScope[],
  lane: number,
  end: number,
  soaked: Soaked,
): Promise<void> {
  for (let nth = lane; performance.now() < end; nth++) {
    const scope = scopes[(nth * 7) % scopes.length];
    if (scope === undefined) return;
    const id = `${entity.name}-${(nth * 7919) % ENTITIES}`;
    const ways = [
      async () => countCurrent(bench, scope.tenantId),
      async () => readEntityHistory(scope, entity, { id }, bench.db),
      async () => searchEntities(scope, entity, { query: "", after: null, limit: 50 }, bench.db),
    ];
    const start = performance.now();
    await counted(bench, soaked, ways[nth % ways.length] ?? (async () => undefined));
    soaked.reads.push(performance.now() - start);
    await wait(REST_MS, undefined, { signal: bench.signal });
  }
}

/** An aggregate over a tenant's current rows, by the view that applications use. */
async function countCurrent({ db }: Bench, tenantId: string): Promise<void> {
  await db.rows(
    {
      name: "bench.current",
      params: { tenant_id: tenantId },
      sql: `SELECT status, count() AS tickets, sum(actual_hours) AS hours
FROM tickets_current_of_tenant(tenant_id = {tenant_id:String}) GROUP BY status`,
    },
    z.object({ tickets: zCount }),
  );
}

/** Counts what fails and says the first of it. */
async function counted(bench: Bench, soaked: Soaked, act: () => Promise<unknown>): Promise<void> {
  try {
    await act();
  } catch (error) {
    soaked.errors += 1;
    if (soaked.errors === 1) bench.say(`soak: ${String(error)}`);
  }
}

/** Looks at parts and memory for as long as the others work. */
async function look({ db, signal }: Bench, end: number, soaked: Soaked): Promise<void> {
  const state = await readServerState(serverDir(env().DATA_DIR));
  while (performance.now() < end) {
    const { most } = await db.row(
      {
        name: "bench.parts",
        sql: `SELECT max(parts) AS most FROM (
  SELECT count() AS parts FROM system.parts
  WHERE database = currentDatabase() AND active AND (endsWith(table, '_scd') OR endsWith(table, '_log'))
  GROUP BY table, partition)`,
      },
      z.object({ most: zCount }),
    );
    soaked.partsMax = Math.max(soaked.partsMax, most);
    const server = state === undefined ? 0 : await residentMb(state.pid);
    soaked.memory.push(process.memoryUsage().rss / 1024 ** 2 + server);
    await wait(LOOK_MS, undefined, { signal });
  }
}

/** Resident memory of a process; 0 where the system does not tell. */
async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** How much more there is on average in the last quarter than in the third, in MB. */
function secondHalfGrowth(memory: readonly number[]): number {
  const half = memory.slice(Math.floor(memory.length / 2));
  const middle = Math.floor(half.length / 2);
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return mean(half.slice(middle)) - mean(half.slice(0, middle));
}
