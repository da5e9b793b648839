import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { type Db, getDb } from "@/server/clickhouse/client";
import { MigrationError, pendingMigrations } from "@/server/clickhouse/migrate";
import { codeOf } from "@/server/errors";
import { log } from "@/server/log";

/** Whether the console can do its work. It says so much and no more: anybody may ask. */
export interface Health {
  readonly status: "ok" | "unavailable";
  /** away: no answer in time. */
  readonly clickhouse: "ok" | "away";
  /** pending: the database is behind this version. mismatch: it was made by another one. unknown: it could not be asked. */
  readonly migrations: "ok" | "pending" | "mismatch" | "unknown";
}

const LIMIT_MS = 3_000;
const AWAY: Health = { status: "unavailable", clickhouse: "away", migrations: "unknown" };

async function ask(open: () => Promise<Db>): Promise<Health> {
  const db = await open();
  const answers = await Promise.all(db.shards.map(async (shard) => shard.ping()));
  if (answers.includes(false)) return AWAY;
  try {
    const pending = await Promise.all(db.shards.map(pendingMigrations));
    return pending.flat().length === 0
      ? { status: "ok", clickhouse: "ok", migrations: "ok" }
      : { status: "unavailable", clickhouse: "ok", migrations: "pending" };
  } catch (error) {
    if (error instanceof MigrationError)
      return { status: "unavailable", clickhouse: "ok", migrations: "mismatch" };
    if (codeOf(error) !== "internal") return AWAY;
    // An empty database does not even have the table that the migrations are written down in.
    log().warn({ err: error }, "health: migrations could not be read");
    return { status: "unavailable", clickhouse: "ok", migrations: "unknown" };
  }
}

/** Looks at ClickHouse and at the migrations; answers within three seconds, whatever they do, and never throws. */
export async function readHealth(open: () => Promise<Db> = getDb): Promise<Health> {
  const limit = new AbortController();
  const late = delay(LIMIT_MS, AWAY, { signal: limit.signal }).catch(() => AWAY);
  const answer = ask(open).catch((error: unknown) => {
    log().warn({ err: error }, "health: ClickHouse cannot be reached");
    return AWAY;
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    limit.abort();
  }
}
