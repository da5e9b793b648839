import "server-only";
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import { env } from "@/server/env";

import type { Db } from "./client";
import { zFlag } from "./columns";
import { ClickHouseError } from "./error";
import { splitStatements } from "./split-statements";

const FILE_NAME = /^(\d{4})_[a-z0-9_]+\.sql$/;
/** A claim that shows no sign of life for this long belongs to a dead process. */
const CLAIM_SILENCE_S = 10;
const CLAIM_BEAT_MS = 2_000;
const WAIT_LIMIT_MS = 5 * 60_000;

/** The migrations cannot be applied; the message is fit for an operator. */
export class MigrationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "MigrationError";
  }
}

export interface MigrateOptions {
  /** Where the files are. Default: `sql/migrations` of the project. */
  folder?: string;
  /** Cluster that DDL runs on. Default: CLICKHOUSE_CLUSTER. */
  cluster?: string | undefined;
}

interface Migration {
  name: string;
  text: string;
  checksum: string;
}

/** The files in order. Line ends and white space at line ends do not count for the checksum. */
async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const seen = new Map<string, string>();
  for (const name of names) {
    const number = FILE_NAME.exec(name)?.[1];
    if (number === undefined) throw new MigrationError(`${name} is not named NNNN_name.sql.`);
    const twin = seen.get(number);
    if (twin !== undefined) throw new MigrationError(`${twin} and ${name} have the same number.`);
    seen.set(number, name);
  }
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(path.join(folder, name), "utf8");
      const plain = text
        .replaceAll("\r\n", "\n")
        .replaceAll(/[ \t]+$/gm, "")
        .trim();
      return { name, text, checksum: createHash("sha256").update(plain).digest("hex") };
    }),
  );
}

/** Fills in `{{cluster}}` and `{{database}}`. */
function render(migration: Migration, values: Readonly<Record<string, string>>): string {
  return migration.text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined)
      throw new MigrationError(`${migration.name} uses {{${name}}}, which has no meaning.`);
    return value;
  });
}

const appliedRow = z.object({ name: z.string(), checksum: z.string() });

/**
 * Applies what is missing of `sql/migrations`, in order, and creates the database where it is missing.
 *
 * Several processes may call this at the same time: one works, the others wait for it. Statements are written so that
 * they can run twice, so a process that dies in the middle of a file does no harm: the next one runs the file again.
 *
 * @returns the files applied by this call
 * @throws MigrationError where an applied file was edited or removed, or a statement fails
 */
export async function migrate(
  db: Db,
  options: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const settings = env();
  const folder = options.folder ?? path.join(settings.AVESA_ROOT, "sql", "migrations");
  const clusterName = options.cluster ?? settings.CLICKHOUSE_CLUSTER;
  const cluster = clusterName === undefined ? "" : `ON CLUSTER ${clusterName}`;
  const migrations = await readMigrations(folder);

  await prepare(db, cluster);
  if (missing(migrations, await readApplied(db)).length === 0) return { applied: [] };

  const claim = await takeClaim(db, cluster);
  try {
    const applied: string[] = [];
    // Read again: whoever held the claim before may have done the work.
    for (const migration of missing(migrations, await readApplied(db))) {
      await apply(db, migration, { cluster, database: db.database });
      applied.push(migration.name);
    }
    return { applied };
  } finally {
    await claim.release();
  }
}

/**
 * The files that this database does not have yet; it changes nothing.
 *
 * @throws MigrationError where an applied file was edited or removed
 */
export async function pendingMigrations(db: Db): Promise<string[]> {
  const folder = path.join(env().AVESA_ROOT, "sql", "migrations");
  return missing(await readMigrations(folder), await readApplied(db)).map(({ name }) => name);
}

/** The database and this runner's table. Where both are there nothing is done, for an account that may not make them. */
async function prepare(db: Db, cluster: string): Promise<void> {
  const server = db.inDatabase("default");
  try {
    const found = await server.maybeRow(
      {
        name: "migrate.look",
        sql: `SELECT name FROM system.tables
          WHERE database = {database:String} AND name = 'schema_migrations'`,
        params: { database: db.database },
      },
      z.object({ name: z.string() }),
    );
    if (found !== undefined) return;
    await server.command({
      name: "migrate.database",
      sql: `CREATE DATABASE IF NOT EXISTS ${db.database} ${cluster} ENGINE = Atomic`,
    });
  } finally {
    await server.close();
  }
  await db.command({
    name: "migrate.table",
    sql: `CREATE TABLE IF NOT EXISTS schema_migrations ${cluster} (
      name String,
      checksum String,
      applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
    ) ENGINE = ReplacingMergeTree(applied_at) ORDER BY name`,
  });
}

async function readApplied(db: Db): Promise<Map<string, string>> {
  const rows = await db.rows(
    { name: "migrate.applied", sql: "SELECT name, checksum FROM schema_migrations FINAL" },
    appliedRow,
  );
  return new Map(rows.map((row) => [row.name, row.checksum]));
}

/** The files not applied yet; refuses where the applied ones are not the ones in the folder. */
function missing(
  migrations: readonly Migration[],
  applied: ReadonlyMap<string, string>,
): Migration[] {
  const edited = migrations.filter(
    (one) => applied.has(one.name) && applied.get(one.name) !== one.checksum,
  );
  if (edited.length > 0) {
    throw new MigrationError(
      `${edited.map((one) => one.name).join(", ")} was edited after it had been applied to this database. ` +
        "Restore the file and put the change into a new migration.",
    );
  }
  const known = new Set(migrations.map((one) => one.name));
  const unknown = [...applied.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw new MigrationError(
      `The database has migrations that this version does not know: ${unknown.join(", ")}. ` +
        "It was used with a newer version; start that one.",
    );
  }
  return migrations.filter((one) => !applied.has(one.name));
}

async function apply(
  db: Db,
  migration: Migration,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const statements = splitStatements(render(migration, values));
  for (const [index, sql] of statements.entries()) {
    try {
      await db.command({ name: `migrate.${migration.name}.${index + 1}`, sql });
    } catch (error) {
      const reason =
        error instanceof ClickHouseError ? `${error.message}. ${error.detail}` : String(error);
      throw new MigrationError(`Statement ${index + 1} of ${migration.name} failed: ${reason}`, {
        cause: error,
      });
    }
  }
  await db.insert("schema_migrations", [{ name: migration.name, checksum: migration.checksum }], {
    name: "migrate.record",
  });
}

/** Heartbeats of whoever migrates; the table itself is the claim, for only one process can create it. */
const CLAIM_TABLE = "schema_migration_claim";
const TABLE_ALREADY_EXISTS = 57;
const UNKNOWN_TABLE = 60;

function hasCode(error: unknown, code: number): boolean {
  return error instanceof ClickHouseError && error.code === code;
}

/**
 * Waits until no other process migrates, and keeps others waiting until `release`.
 *
 * A claim whose owner was killed is cleared away after a few seconds of silence. Two processes that clear at the same
 * moment could both come to work; the statements bear being run twice.
 */
async function takeClaim(db: Db, cluster: string): Promise<{ release: () => Promise<void> }> {
  const deadline = Date.now() + WAIT_LIMIT_MS;
  while (!(await createClaim(db, cluster))) {
    if (Date.now() > deadline) {
      throw new MigrationError(
        "Another process has been migrating this database for minutes; try again later.",
      );
    }
    if (await isClaimSilent(db)) await dropClaim(db, cluster);
    else await delay(150);
  }
  const beat = async (): Promise<void> => {
    await db.insert(CLAIM_TABLE, [{ pid: process.pid }], { name: "migrate.claim.beat" });
  };
  await beat();
  const timer = setInterval(() => {
    // A beat that fails is made good by the next one.
    beat().catch(() => undefined);
  }, CLAIM_BEAT_MS);
  timer.unref();
  return {
    release: async () => {
      clearInterval(timer);
      await dropClaim(db, cluster);
    },
  };
}

async function createClaim(db: Db, cluster: string): Promise<boolean> {
  try {
    await db.command({
      name: "migrate.claim.create",
      sql: `CREATE TABLE ${CLAIM_TABLE} ${cluster} (pid UInt32, seen_at DateTime64(3, 'UTC') DEFAULT now64(3))
        ENGINE = MergeTree ORDER BY seen_at`,
    });
    return true;
  } catch (error) {
    if (hasCode(error, TABLE_ALREADY_EXISTS)) return false;
    throw error;
  }
}

const silenceRow = z.object({ silent: zFlag });

async function isClaimSilent(db: Db): Promise<boolean> {
  try {
    const row = await db.row(
      {
        name: "migrate.claim.age",
        sql: `SELECT greatest(
            (SELECT max(seen_at) FROM ${CLAIM_TABLE}),
            (SELECT max(toDateTime64(metadata_modification_time, 3)) FROM system.tables
              WHERE database = currentDatabase() AND name = {table:String})
          ) < now64(3) - toIntervalSecond({silence:UInt32}) AS silent`,
        params: { table: CLAIM_TABLE, silence: CLAIM_SILENCE_S },
      },
      silenceRow,
    );
    return row.silent;
  } catch (error) {
    if (hasCode(error, UNKNOWN_TABLE)) return false;
    throw error;
  }
}

async function dropClaim(db: Db, cluster: string): Promise<void> {
  await db.command({
    name: "migrate.claim.drop",
    sql: `DROP TABLE IF EXISTS ${CLAIM_TABLE} ${cluster} SYNC`,
  });
}
