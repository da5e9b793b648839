import { type Db, getDb } from "@/server/clickhouse/client";
import { migrate } from "@/server/clickhouse/migrate";

import type { CliContext } from "./verb";

/**
 * Opens ClickHouse for a command and brings its tables up to date.
 *
 * @param program who asks, for people who wonder what keeps an embedded server up
 */
export async function openForVerb(context: Pick<CliContext, "say">, program: string): Promise<Db> {
  const db = await getDb(program);
  const { applied } = await migrate(db);
  if (applied.length > 0)
    context.say(`Applied ${applied.length} migration${applied.length === 1 ? "" : "s"}.`);
  return db;
}
