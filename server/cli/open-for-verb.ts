import { type Db, getDb } from "@/server/clickhouse/client";
import { migrateAll } from "@/server/clickhouse/migrate-all";

import type { CliContext } from "./verb";

/**
 * Opens ClickHouse for a command and brings its tables up to date. The handle is the first server's (see homeOf).
 *
 * @param program who asks, for people who wonder what keeps an embedded server up
 */
export async function openForVerb(context: Pick<CliContext, "say">, program: string): Promise<Db> {
  const db = await getDb(program);
  const applied = await migrateAll(db);
  if (applied > 0) context.say(`Applied ${applied} migration${applied === 1 ? "" : "s"}.`);
  return db;
}
