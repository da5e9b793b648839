import { createHash } from "node:crypto";

import { ulid } from "ulid";
import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { ClickHouseError } from "@/server/clickhouse/error";
import { findTableFacts } from "@/server/clickhouse/table-facts";
import { log } from "@/server/log";
import { literal } from "@/server/scd2/sql-text";
import { leaseOfStagingTable } from "@/server/scd2/table-work";

import { dropStagingTables, findStagingTables } from "./staging-cleanup";
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
  /** Names the staging tables of whoever holds the lease; no two holders have the same. */
  readonly token: string;
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

const PREFIX = "lease_";

function leaseTable(lease: string): string {
  return `${PREFIX}${createHash("sha256").update(lease).digest("hex").slice(0, 24)}`;
}

/**
 * Takes a lease, or says who has it. ClickHouse has no compare-and-set, but creating a table is atomic, and so is
 * renaming one: the lease is a table, its comment names the holder. The lease of a dead holder is renamed away, and
 * the holder's staging tables are dropped, so that what it may still try to publish is no longer there. So is one that
 * this process could not give back, because the database was away.
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
  // Noted before the table is there: another run of this process must not take it for one left behind.
  heldHere().add(mine.token);
  let isTaken = false;
  try {
    for (;;) {
      const holder = await createOrRead(db, table, mine);
      isTaken = holder?.token === mine.token;
      if (isTaken) return { lease: held(db, table, mine) };
      if (holder === undefined) continue;
      if (await isAlive(db, holder)) return { holder };
      await bury(db, table, holder);
    }
  } finally {
    if (!isTaken) heldHere().delete(mine.token);
  }
}

/** Whoever holds the lease then; undefined where it was given back in between. */
async function createOrRead(db: Db, table: string, mine: Holder): Promise<Holder | undefined> {
  try {
    await db.command({
      name: "lease.take",
      sql: `CREATE TABLE ${table} (nothing UInt8) ENGINE = Null COMMENT ${literal(JSON.stringify(mine))}`,
      // A lease that a power cut takes away is one that its holder finds lost.
      settings: { fsync_metadata: 0 },
    });
    return mine;
  } catch (error) {
    if (!(error instanceof ClickHouseError) || error.code !== TABLE_ALREADY_EXISTS) throw error;
    return readHolder(db, table);
  }
}

/** Who holds a lease now and is alive, or undefined. */
export async function findHolder(db: Db, lease: string): Promise<Holder | undefined> {
  const holder = await readHolder(db, leaseTable(lease));
  return holder !== undefined && (await isAlive(db, holder)) ? holder : undefined;
}

function held(db: Db, table: string, mine: Holder): Lease {
  const stillMine = async (): Promise<boolean> =>
    (await readHolder(db, table))?.token === mine.token;
  return {
    name: mine.lease,
    token: mine.token,
    async assertHeld() {
      if (!(await stillMine())) throw new LeaseLostError(mine.lease);
    },
    async release(cleanUp) {
      try {
        if (!(await stillMine())) return;
        await cleanUp?.();
        await db.command({ name: "lease.release", sql: `DROP TABLE IF EXISTS ${table} SYNC` });
      } finally {
        heldHere().delete(mine.token);
      }
    },
  };
}

async function readHolder(db: Db, table: string): Promise<Holder | undefined> {
  const facts = await findTableFacts(db, table);
  return facts === undefined ? undefined : Holder.parse(JSON.parse(facts.comment));
}

async function isAlive(db: Db, { worker, token }: Holder): Promise<boolean> {
  if (worker === workerId) return heldHere().has(token);
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

/**
 * Renaming is atomic: of several that find a dead holder, one buries it. It goes by the table's name, though, not by its holder:
 * somebody may have buried the dead one meanwhile and taken the lease, whose table then is put back.
 */
async function bury(db: Db, table: string, holder: Holder): Promise<void> {
  if ((await readHolder(db, table))?.token !== holder.token) return;
  const grave = `${table}_dead_${holder.token.toLowerCase()}`;
  if (!(await rename(db, table, grave))) return;
  if ((await readHolder(db, grave))?.token !== holder.token) {
    await rename(db, grave, table);
    return;
  }
  log().warn(
    { lease: holder.lease, worker: holder.worker },
    "took over the lease of a dead process",
  );
  await emptyGrave(db, grave, holder);
}

/** False where there is nothing of the one name, or something of the other. */
async function rename(db: Db, from: string, to: string): Promise<boolean> {
  try {
    await db.command({ name: "lease.bury", sql: `RENAME TABLE ${from} TO ${to}` });
    return true;
  } catch (error) {
    const code = error instanceof ClickHouseError ? error.code : 0;
    if (code === UNKNOWN_TABLE || code === TABLE_ALREADY_EXISTS) return false;
    throw error;
  }
}

async function emptyGrave(db: Db, grave: string, holder: Holder): Promise<void> {
  const staging = await findStagingTables(db, holder.run_id);
  await dropStagingTables(
    db,
    staging.filter((name) => leaseOfStagingTable(name) === holder.token),
  );
  await db.command({ name: "lease.buried", sql: `DROP TABLE IF EXISTS ${grave} SYNC` });
}

/** Takes away what dead processes left: their leases, and staging tables that no lease stands for. */
export async function clearLeftovers(db: Db): Promise<void> {
  // Staging first: a lease is there before its staging and until after it.
  const staging = await findStagingTables(db);
  const leases = await db.rows(
    {
      name: "lease.all",
      params: { prefix: PREFIX },
      sql: "SELECT name, comment FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String})",
    },
    z.object({ name: z.string().regex(/^[a-z0-9_]+$/), comment: z.string() }),
  );
  const alive = new Set<string>();
  for (const { name, comment } of leases) {
    const holder = Holder.parse(JSON.parse(comment));
    if (name !== leaseTable(holder.lease)) await emptyGrave(db, name, holder);
    else if (await isAlive(db, holder)) alive.add(holder.token);
    else await bury(db, name, holder);
  }
  await dropStagingTables(
    db,
    staging.filter((name) => !alive.has(leaseOfStagingTable(name) ?? "")),
  );
}

interface Heart {
  timer: NodeJS.Timeout | undefined;
  lastBeat: number;
}

const ofProcess = globalThis as typeof globalThis & {
  /** One for each database that leases are taken in: whoever looks there must see that this process lives. */
  __avesaHearts?: Map<Db, Heart>;
  __avesaLeases?: Set<string>;
};

/** Tokens of the leases that this process has, or is about to take. */
function heldHere(): Set<string> {
  return (ofProcess.__avesaLeases ??= new Set());
}

/** Says that this process is alive, now and every few seconds from now on. */
async function beat(db: Db): Promise<void> {
  const hearts = (ofProcess.__avesaHearts ??= new Map<Db, Heart>());
  const heart: Heart = hearts.get(db) ?? { timer: undefined, lastBeat: 0 };
  hearts.set(db, heart);
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
  for (const { timer } of ofProcess.__avesaHearts?.values() ?? []) clearInterval(timer);
  delete ofProcess.__avesaHearts;
}
