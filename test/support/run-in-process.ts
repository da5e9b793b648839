// Carries a run out in a process of its own, which sends itself a signal at a given moment; see crash.ts.
import { LocalStore } from "@/server/canonical/local-store";
import { createDb } from "@/server/clickhouse/client";
import { openClickHouse } from "@/server/clickhouse/connection";
import { overrideEnv } from "@/server/env";
import { executeRun } from "@/server/runs/execute-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";

import { atMoment } from "./at-moment";
import type { ChildRun } from "./crash";

const { dataDir, database, storeDir, runId, moment, signal } = JSON.parse(
  process.argv[2] ?? "{}",
) as ChildRun;

overrideEnv({ DATA_DIR: dataDir, CLICKHOUSE_DATABASE: database, CLICKHOUSE_URL: "" });
const connection = await openClickHouse("test");
const db = createDb(connection);
const met =
  moment === undefined
    ? db
    : atMoment(db, moment, () => {
        process.kill(process.pid, signal);
      });
const end = await executeRun(runContext(met, new LocalStore(storeDir), { delayScale: 0 }), runId);
process.stdout.write(`${JSON.stringify(end)}\n`);
stopHeartbeat();
await db.close();
await connection.close();
