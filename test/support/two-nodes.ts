import { type Db, closeDb, getDb } from "@/server/clickhouse/client";
import { migrateAll } from "@/server/clickhouse/migrate-all";
import { overrideEnv } from "@/server/env";

import { clusterUsers } from "./access/cluster-users";
import {
  type AccessServer,
  SERVER_PASSWORD,
  freePort,
  sha256,
  startAccessServer,
} from "./access/server";

const CLUSTER = "tenants";

/** Two servers that name each other in `remote_servers`, and this process pointed at them by its settings. */
export interface TwoNodes {
  readonly servers: readonly [AccessServer, AccessServer];
  /** The process's handle: of the first. */
  readonly db: Db;
  /** Ends the second server for good. */
  close(): Promise<void>;
}

export async function startTwoNodes(database: string): Promise<TwoNodes> {
  const ports = [
    { httpPort: await freePort(), tcpPort: await freePort() },
    { httpPort: await freePort(), tcpPort: await freePort() },
  ];
  const shards = ports.map(
    ({ tcpPort }) =>
      `<shard><replica><host>127.0.0.1</host><port>${tcpPort}</port>
<user>admin</user><password>${SERVER_PASSWORD}</password></replica></shard>`,
  );
  const config = `<remote_servers><${CLUSTER}>${shards.join("")}</${CLUSTER}></remote_servers>`;
  const users = clusterUsers({ passwordHash: sha256(SERVER_PASSWORD), database, tables: [] });
  const [first, second] = await Promise.all(
    ports.map(async (port) => startAccessServer(() => users, { ...port, config })),
  );
  if (first === undefined || second === undefined) throw new Error("There are two.");
  await closeDb();
  overrideEnv({
    CLICKHOUSE_URL: first.url,
    CLICKHOUSE_SHARDS: second.url,
    CLICKHOUSE_SHARDS_CLUSTER: CLUSTER,
    CLICKHOUSE_DATABASE: database,
    CLICKHOUSE_USER: "console",
    CLICKHOUSE_PASSWORD: SERVER_PASSWORD,
    CLICKHOUSE_READER_USER: "watcher",
    CLICKHOUSE_READER_PASSWORD: SERVER_PASSWORD,
  });
  const db = await getDb();
  await migrateAll(db);
  return {
    servers: [first, second],
    db,
    async close() {
      await closeDb();
      await Promise.all([first.close(), second.close()]);
    },
  };
}
