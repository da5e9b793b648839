import { createHash } from "node:crypto";

import type { Db } from "@/server/clickhouse/client";

import type { Run } from "./run-store";
import type { TaskError } from "./task-error";
import { nextVersion } from "./version";

/** Writes the dead letter of a run's table that failed for good, or of the run itself (table ''). */
export async function writeDeadRun(
  db: Db,
  run: Run,
  tableName: string,
  error: TaskError,
): Promise<void> {
  const now = new Date().toISOString();
  const digest = (...parts: string[]): string =>
    createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
  await db.insert("dead_letters", [
    {
      dead_letter_id: digest("run", run.run_id, tableName),
      tenant_id: run.tenant_id,
      table_name: tableName,
      kind: "run",
      run_id: run.run_id,
      object_key: "",
      etag: "",
      source_row: 0,
      entity_id: "",
      raw: JSON.stringify({
        run_id: run.run_id,
        tenant_id: run.tenant_id,
        mode: run.mode,
        tables: run.tables,
      }),
      errors: [{ field: "", rule: error.name, message: error.message, value: "" }],
      fingerprint: digest("run", tableName, error.name).slice(0, 16),
      cause: `run failed: ${error.name}`,
      first_seen: now,
      last_seen: now,
      attempts: 1,
      status: "open",
      resolved_by: "",
      resolved_at: null,
      resolution: "",
      version: nextVersion(),
    },
  ]);
}
