import { createHash } from "node:crypto";

import { ulid } from "ulid";
import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { ClickHouseError } from "@/server/clickhouse/error";
import { log } from "@/server/log";
import { literal } from "@/server/scd2/sql-text";

import { dropRunStaging } from "./staging-cleanup";
import { nextVersion } from "./version";
import { isGone, workerId } from "./worker-identity";

const HEARTBEAT_MS = 5_000;
/** A holder that has been silent for longer has lost its lease. */
const SILENT_MS = 30_000;

const TABLE_ALREADY_EXISTS = 57;
const UNKNOWN_TABLE = 60;

/** What a lease says of its holder: the comment of its table. */
const Holder = z.object({
  lease: z.string(),
  token: z.string(),
  worker: z.string(),
  run_id: z.string(),
});
export type Holder = z.infer<typeof Holder>;

export interface Lease {
  readonly name: string;
  /** Throws LeaseLostError where another process has taken the lease over. */
  assertHeld(): Promise<void>;
  /**
   * Gives the lease back; does nothing where it was taken over.
   *
   * @param cleanUp what to do before, while nobody else can be at work
   */
  release(cleanUp?: () => Promise<void>): Promise<void>;
}

export class LeaseLostError extends Error {
  constructor(lease: string) {
    super(`The lease ${lease} was taken over by another process, for this one had been silent.`);
    this.name = "LeaseLostError";
  }
}

/** The right to work on a tenant's table. */
export function tableLease(tenantId: string, tableName: string): string {
  return `table:${tenantId}/${tableName}`;
}

/** The right to carry a run out. */
export function runLease(runId: string): string {
  return `run:${runId}`;
}

function leaseTable(lease: string): string {
  return `lease_${createHash("sha256").update(lease).digest("hex").slice(0, 24)}`;
}

/**
 * Takes a lease, or says who has it. ClickHouse has no compare-and-set, but creating a table is atomic, and so is
 * renaming one: the lease is a table, its comment names the holder. The lease of a dead holder is renamed away, and
 * the holder's staging tables are dropped, so that what it may still try to publish is no longer there.
 *
 * @param runId the run that the lease is for
 */
export async function takeLease(
  db: Db,
  lease: string,
  runId: string,
): Promise<{ lease: Lease } | { holder: Holder }> {
  await beat(db);
  const table = leaseTable(lease);
  const mine: Holder = { lease, token: ulid(), worker: workerId, run_id: runId };
  for (;;) {
    try {
      await db.command({
        name: "lease.take",
        sql: `CREATE TABLE ${table} (nothing UInt8) ENGINE = Null COMMENT ${literal(JSON.stringify(mine))}`,
      });
      return { lease: held(db, table, mine) };
    } catch (error) {
      if (!(error instanceof ClickHouseError) || error.code !== TABLE_ALREADY_EXISTS) throw error;
    }
    const holder = await readHolder(db, table);
    if (holder === undefined) continue;
    if (holder.token === mine.token) return { lease: held(db, table, mine) };
    if (await isAlive(db, holder.worker)) return { holder };
    await bury(db, table, holder);
  }
}

/** Who holds a lease now and is alive, or undefined. */
export async function findHolder(db: Db, lease: string): Promise<Holder | undefined> {
  const holder = await readHolder(db, leaseTable(lease));
  return holder !== undefined && (await isAlive(db, holder.worker)) ? holder : undefined;
}

function held(db: Db, table: string, mine: Holder): Lease {
  const stillMine = async (): Promise<boolean> =>
    (await readHolder(db, table))?.token === mine.token;
  return {
    name: mine.lease,
    async assertHeld() {
      if (!(await stillMine())) throw new LeaseLostError(mine.lease);
    },
    async release(cleanUp) {
      if (!(await stillMine())) return;
      await cleanUp?.();
      await db.command({ name: "lease.release", sql: `DROP TABLE IF EXISTS ${table} SYNC` });
    },
  };
}

async function readHolder(db: Db, table: string): Promise<Holder | undefined> {
  const row = await db.maybeRow(
    {
      name: "lease.holder",
      params: { table },
      sql: "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
    },
    z.object({ comment: z.string() }),
  );
  return row === undefined ? undefined : Holder.parse(JSON.parse(row.comment));
}

async function isAlive(db: Db, worker: string): Promise<boolean> {
  if (worker === workerId) return true;
  if (isGone(worker)) return false;
  const row = await db.row(
    {
      name: "lease.heartbeat",
      params: { worker },
      sql: `SELECT dateDiff('millisecond', max(heartbeat_at), now64(3)) AS silent FROM leases
WHERE lease = 'worker' AND token = {worker:String}`,
    },
    z.object({ silent: zCount }),
  );
  return row.silent < SILENT_MS;
}

/** Renaming is atomic: of several that find a dead holder, one buries it. */
async function bury(db: Db, table: string, holder: Holder): Promise<void> {
  const grave = `${table}_dead_${holder.token.toLowerCase()}`;
  try {
    await db.command({ name: "lease.bury", sql: `RENAME TABLE ${table} TO ${grave}` });
  } catch (error) {
    const code = error instanceof ClickHouseError ? error.code : 0;
    if (code === UNKNOWN_TABLE || code === TABLE_ALREADY_EXISTS) return;
    throw error;
  }
  log().warn(
    { lease: holder.lease, worker: holder.worker },
    "took over the lease of a dead process",
  );
  await dropRunStaging(db, holder.run_id);
  await db.command({ name: "lease.buried", sql: `DROP TABLE IF EXISTS ${grave} SYNC` });
}

interface Heart {
  timer: NodeJS.Timeout | undefined;
  lastBeat: number;
}

const holder = globalThis as typeof globalThis & { __avesaHeart?: Heart };

/** Says that this process is alive, now and every few seconds from now on. */
async function beat(db: Db): Promise<void> {
  const heart = (holder.__avesaHeart ??= { timer: undefined, lastBeat: 0 });
  if (Date.now() - heart.lastBeat < HEARTBEAT_MS / 2) return;
  heart.lastBeat = Date.now();
  await db.insert("leases", [
    {
      lease: "worker",
      token: workerId,
      holder: workerId,
      run_id: "",
      heartbeat_at: new Date().toISOString(),
      released: 0,
      version: nextVersion(),
    },
  ]);
  if (heart.timer !== undefined) return;
  heart.timer = setInterval(() => {
    beat(db).catch((error: unknown) => log().warn({ error }, "heartbeat failed"));
  }, HEARTBEAT_MS);
  heart.timer.unref();
}

/** Ends the heartbeat, for a process that closes its connection. */
export function stopHeartbeat(): void {
  clearInterval(holder.__avesaHeart?.timer);
  delete holder.__avesaHeart;
}
