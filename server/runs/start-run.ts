import { ulid } from "ulid";

import type { PlanRule } from "@/lib/contracts/plans";
import type { Db } from "@/server/clickhouse/client";
import { log } from "@/server/log";
import { openOrchestrator } from "@/server/orchestrators/open-orchestrator";
import type { Orchestrator } from "@/server/orchestrators/orchestrator";

import { type RunSlot, slotRunId, slotVersion } from "./run-slot";
import { type Run, type RunMode, writeRun } from "./run-store";
import { TRANSIENT, taskErrorOf } from "./task-error";

export interface StartRunInput {
  readonly tenantId: string;
  readonly mode: RunMode;
  /** Default: every table of the catalogue. */
  readonly tables?: readonly string[] | undefined;
  /** console, api, cli, schedule, event or demo. */
  readonly trigger: string;
  readonly requestedBy: string;
  /** What makes two starts the same one: the second finds the run of the first, however far that is. */
  readonly slot?: RunSlot;
  /** A ULID under which what the run is to do is written down already. Default: a new one. */
  readonly runId?: string;
  /** Default: it stops as a plan where the rules say so. */
  readonly planRule?: PlanRule | undefined;
}

/**
 * Puts a run into the queue; the orchestrator that is configured carries it out: a worker picks it up, or Step Functions starts. Whether the tenant and the tables exist, and whether the caller
 * may, is checked before.
 */
export async function startRun(db: Db, input: StartRunInput): Promise<{ runId: string }> {
  const now = new Date().toISOString();
  const orchestrator = openOrchestrator(db);
  const runId = input.slot === undefined ? (input.runId ?? ulid()) : slotRunId(input.slot);
  const run: Run = {
    run_id: runId,
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
    orchestrator: orchestrator.name,
    execution_arn: orchestrator.addressOf(runId),
    plan_rule: input.planRule ?? "when_due",
  };
  if (input.slot === undefined) await writeRun(db, run);
  else await db.insert("runs", [{ ...run, version: slotVersion(input.slot) }]);
  await startExecution(db, orchestrator, run);
  return { runId };
}

/** An orchestrator that cannot be reached is asked again (see syncRuns); one that refuses is what the run failed for. */
async function startExecution(db: Db, orchestrator: Orchestrator, run: Run): Promise<void> {
  try {
    await orchestrator.start(run);
  } catch (thrown) {
    const error = taskErrorOf(thrown);
    log().warn({ error, run: run.run_id }, "an execution could not be started");
    if (error.name === TRANSIENT) return;
    await writeRun(db, {
      ...run,
      status: "failed",
      error: `The orchestrator refused to start the run. ${error.name}: ${error.message}`,
      finished_at: new Date().toISOString(),
    });
  }
}
