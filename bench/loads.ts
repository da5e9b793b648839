import { rm } from "node:fs/promises";
import { join } from "node:path";

import { type Catalog, catalog } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";
import { executeRun } from "@/server/runs/execute-run";
import type { RunContext } from "@/server/runs/run-context";
import { startRun } from "@/server/runs/start-run";
import { historyTable, logTable, partition } from "@/server/scd2/table-work";

/**
 * Loads through the runner, as a person's command would.
 *
 * @throws where the run does not end green
 */
export async function load(
  runs: RunContext,
  tenantId: string,
  mode: "bulk" | "incremental",
  tables: readonly string[] = ["tickets"],
): Promise<void> {
  const { runId } = await startRun(runs.db, {
    tenantId,
    mode,
    tables: [...tables],
    trigger: "cli",
    requestedBy: "bench",
    // A reload would stop for approval.
    planRule: "never",
  });
  const end = await executeRun(runs, runId);
  if (!("status" in end) || end.status !== "succeeded") {
    throw new Error(`the ${mode} load of ${tenantId} ended ${JSON.stringify(end)}`);
  }
}

/** A bulk load of tickets. */
export async function bulkLoad(runs: RunContext, tenantId: string): Promise<void> {
  await load(runs, tenantId, "bulk");
}

/** Drops a tenant's objects, logs and histories, so that what is measured next does not carry them. */
export async function offboard(db: Db, store: string, tenantId: string): Promise<void> {
  await rm(join(store, tenantId), { recursive: true, force: true });
  for (const entity of Object.values(catalog satisfies Catalog)) {
    for (const table of [logTable(entity), historyTable(entity)]) {
      await db.command({
        name: "bench.offboard",
        sql: `ALTER TABLE ${table} DROP ${partition(tenantId)}`,
      });
    }
  }
}
