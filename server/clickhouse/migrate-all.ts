import "server-only";
import type { Db } from "./client";
import { makeFleetDatabase } from "./fleet-database";
import { migrate } from "./migrate";

/**
 * Brings every server that tenants are spread over up to date, one after the other, and then what is read over all of them.
 *
 * @param db of the first server
 * @returns how many files were applied, over all servers
 * @throws MigrationError
 */
export async function migrateAll(db: Db): Promise<number> {
  let applied = 0;
  for (const shard of db.shards) applied += (await migrate(shard)).applied.length;
  if (db.shards.length > 1) await makeFleetDatabase(db);
  return applied;
}
