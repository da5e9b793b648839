import "server-only";
import { z } from "zod";

import { env } from "@/server/env";

import type { Db } from "./client";
import { MigrationError } from "./migrate";

/** Next gives each kind of entry its own copy of this module; the handles are the process's. */
const holder = globalThis as typeof globalThis & { __avesaFleetDbs?: WeakMap<Db, Db> };

/**
 * The handle for reads over all tenants: the tables of all servers as one, under the same names. Where there is one server
 * it is the handle given.
 *
 * @param db of the first server, any account
 */
export function fleetOf(db: Db): Db {
  if (db.shards.length === 1) return db;
  holder.__avesaFleetDbs ??= new WeakMap();
  let fleet = holder.__avesaFleetDbs.get(db);
  if (fleet === undefined) {
    fleet = db.inDatabase(fleetDatabase(db));
    holder.__avesaFleetDbs.set(db, fleet);
  }
  return fleet;
}

/** Its name on the first server. */
export function fleetDatabase(db: Db): string {
  return `${db.database}_fleet`;
}

const Source = z.object({ name: z.string() });

/**
 * Makes that database on the first server, or brings it up to date: a `Distributed` table over every table, and over every
 * view that can be read without a tenant. They hold no rows, and nothing is written through them.
 *
 * @throws MigrationError where the cluster's servers are not as many as the settings'
 */
export async function makeFleetDatabase(db: Db): Promise<void> {
  const cluster = env().CLICKHOUSE_SHARDS_CLUSTER ?? "";
  await assertCluster(db, cluster);
  const { database } = db;
  const fleet = fleetDatabase(db);
  await db.command({
    name: "fleet.database",
    sql: `CREATE DATABASE IF NOT EXISTS ${fleet} ENGINE = Atomic`,
  });
  const changed = await db.rows(
    {
      name: "fleet.changed",
      params: { fleet },
      // Staging and leases come and go; a view with a parameter has no columns of its own to stand for.
      sql: `SELECT ours.name AS name
FROM
(
  SELECT table AS name, groupArray((name, type)) AS columns
  FROM (SELECT table, name, type FROM system.columns WHERE database = currentDatabase() ORDER BY table, position)
  WHERE table IN
  (
    SELECT name FROM system.tables
    WHERE database = currentDatabase()
      AND (endsWith(engine, 'MergeTree') OR (engine = 'View' AND NOT endsWith(name, '_of_tenant')))
      AND NOT match(name, '^(staging_|lease_|_tmp_|\\\\.inner|schema_migration)')
  )
  GROUP BY table
) AS ours
LEFT JOIN
(
  SELECT table AS name, groupArray((name, type)) AS columns
  FROM (SELECT table, name, type FROM system.columns WHERE database = {fleet:String} ORDER BY table, position)
  GROUP BY table
) AS theirs ON theirs.name = ours.name
WHERE ours.columns != theirs.columns
ORDER BY name`,
    },
    Source,
  );
  for (const { name } of changed) {
    await db.command({
      name: "fleet.table",
      sql: `CREATE OR REPLACE TABLE ${fleet}.\`${name}\` AS ${database}.\`${name}\`
ENGINE = Distributed(${cluster}, ${database}, \`${name}\`)`,
    });
  }
}

async function assertCluster(db: Db, cluster: string): Promise<void> {
  const { shards } = await db.row(
    {
      name: "fleet.cluster",
      sql: "SELECT toUInt32(uniqExact(shard_num)) AS shards FROM system.clusters WHERE cluster = {cluster:String}",
      params: { cluster },
    },
    z.object({ shards: z.number() }),
  );
  if (shards !== db.shards.length)
    throw new MigrationError(
      `The cluster ${cluster} of the first server has ${shards} shards, but the settings name ${db.shards.length} servers. ` +
        "CLICKHOUSE_URL and CLICKHOUSE_SHARDS must name its shards, in its order.",
    );
}
