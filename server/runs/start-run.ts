import { ulid } from "ulid";

import type { Db } from "@/server/clickhouse/client";

import { type Run, type RunMode, writeRun } from "./run-store";

export interface StartRunInput {
  readonly tenantId: string;
  readonly mode: RunMode;
  /** Default: every table of the catalogue. */
  readonly tables?: readonly string[] | undefined;
  /** console, api, cli, schedule or demo. */
  readonly trigger: string;
  readonly requestedBy: string;
}

/**
 * Puts a run into the queue; a worker picks it up. Whether the tenant and the tables exist, and whether the caller
 * may, is checked before.
 */
export async function startRun(db: Db, input: StartRunInput): Promise<{ runId: string }> {
  const now = new Date().toISOString();
  const run: Run = {
    run_id: ulid(),
    tenant_id: input.tenantId,
    mode: input.mode,
    tables: [...(input.tables ?? [])],
    status: "queued",
    trigger: input.trigger,
    requested_by: input.requestedBy,
    created_at: now,
    started_at: null,
    finished_at: null,
    cancel_requested_by: "",
    worker: "",
    heartbeat_at: now,
    error: "",
    orchestrator: "local",
    execution_arn: "",
  };
  await writeRun(db, run);
  return { runId: run.run_id };
}
