import "server-only";
import { z } from "zod";

import { type Db, getReaderDb } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { AppError } from "@/server/errors";
import { nextVersion } from "@/server/runs/version";

const Placed = z.object({ shard: z.number() });

/** Placements that were read, by handle: they do not change while a process runs (docs/scale.md on moving a tenant). */
const holder = globalThis as typeof globalThis & {
  __avesaPlacements?: WeakMap<Db, Map<string, number>>;
};

function knownPlacements(db: Db): Map<string, number> {
  holder.__avesaPlacements ??= new WeakMap();
  const known = holder.__avesaPlacements.get(db) ?? new Map<string, number>();
  holder.__avesaPlacements.set(db, known);
  return known;
}

/**
 * The handle of the server that a tenant's tables are on: all of them, its runs and leases as well. Where there is one
 * server it is the handle given.
 *
 * @param db of the first server, any account; the handle of another one is its own tenants' home
 * @throws AppError `conflict` where the tenant is on a server that the settings no longer name
 */
export async function homeOf(db: Db, tenantId: string): Promise<Db> {
  if (db.shards.length === 1) return db;
  const known = knownPlacements(db);
  const before = known.get(tenantId);
  if (before !== undefined) return shardOf(db, tenantId, before);
  const placed = await db.maybeRow(
    {
      name: "tenants.placement",
      sql: "SELECT shard FROM tenant_placements FINAL WHERE tenant_id = {tenantId:String}",
      params: { tenantId },
    },
    Placed,
  );
  // One that is not placed yet may be in a moment.
  if (placed !== undefined) known.set(tenantId, placed.shard);
  return shardOf(db, tenantId, placed?.shard ?? 1);
}

function shardOf(db: Db, tenantId: string, shard: number): Db {
  const home = db.shards[shard - 1];
  if (home === undefined)
    throw new AppError(
      "conflict",
      `The tenant ${tenantId} is on server ${shard}, but CLICKHOUSE_URL and CLICKHOUSE_SHARDS name ${db.shards.length}.`,
    );
  return home;
}

/** As {@link homeOf}, of the process's reading account: for screens. */
export async function homeReaderOf(tenantId: string): Promise<Db> {
  return homeOf(await getReaderDb(), tenantId);
}

/** The home of a run's tenant; the first server where there is no such run. */
export async function homeOfRun(db: Db, runId: string): Promise<Db> {
  if (db.shards.length === 1) return db;
  const run = await fleetOf(db).maybeRow(
    {
      name: "runs.tenant",
      sql: "SELECT tenant_id FROM runs FINAL WHERE run_id = {runId:String}",
      params: { runId },
    },
    z.object({ tenant_id: z.string() }),
  );
  return run === undefined ? db : homeOf(db, run.tenant_id);
}

/**
 * Decides which server a new tenant's tables are on, and writes it down: the one named, or the one with the fewest tenants.
 * It stays there whatever servers are added.
 *
 * @param shard counted from 1
 * @returns its handle
 * @throws AppError `invalid-input` where there is no such server
 */
export async function placeTenant(
  db: Db,
  tenantId: string,
  options: { readonly shard?: number | undefined; readonly placedBy: string },
): Promise<Db> {
  const servers = db.shards.length;
  if (options.shard !== undefined && options.shard > servers)
    throw new AppError(
      "invalid-input",
      `There is no server ${options.shard}; there are ${servers}.`,
    );
  if (servers === 1) return db;
  const counts = await Promise.all(db.shards.map(countTenants));
  const shard = options.shard ?? counts.indexOf(Math.min(...counts)) + 1;
  await db.insert("tenant_placements", [
    {
      tenant_id: tenantId,
      shard,
      placed_by: options.placedBy,
      placed_at: new Date().toISOString(),
      version: nextVersion(),
    },
  ]);
  return shardOf(db, tenantId, shard);
}

async function countTenants(db: Db): Promise<number> {
  const { tenants } = await db.row(
    {
      name: "tenants.count",
      sql: "SELECT toUInt32(uniqExact(tenant_id)) AS tenants FROM tenants",
    },
    z.object({ tenants: z.number() }),
  );
  return tenants;
}
