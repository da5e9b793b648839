import { setTimeout as wait } from "node:timers/promises";

import { entityOf } from "@/lib/catalog";
import { NO_ROWS } from "@/server/scd2/count";
import { countDeadObjects } from "@/server/scd2/dead-objects";
import { BULK_PIECE, isMoreThanOnePiece } from "@/server/scd2/bulk-pieces";
import { carryOutTable } from "@/server/plans/carry-out-table";
import { isReload } from "@/server/plans/is-reload";
import { rejection } from "@/server/plans/plan-sentence";
import { findPlans, keptTokens } from "@/server/plans/plan-store";
import { dropStaging } from "@/server/scd2/drop-staging";
import type { LoadLimits } from "@/server/scd2/load-table";
import { nextBatch } from "@/server/scd2/object-ledger";
import { replayTable } from "@/server/scd2/replay-table";
import { readState } from "@/server/scd2/table-state";
import type { TableWork } from "@/server/scd2/table-work";

import type { Execution } from "./execution";
import type { TableTurns } from "./in-place";
import type { TaskContext } from "./interpreter";
import { type Lease, tableLease, takeLease } from "./lease";
import type { RunContext } from "./run-context";
import { type Run, type RunMode, countBatches, findTables, queuedTable } from "./run-store";
import { CancelledError } from "./run-control";
import { TaskError } from "./task-error";
import { TableReporter } from "./table-reporter";

const LEASE_POLL_MS = 300;
/** How a table of a run ended, as the state machine passes it on. */
export interface TableResult {
  table_name: string;
  status: "succeeded" | "partial" | "failed" | "unbalanced" | "cancelled" | "waiting_approval";
  /** Batches are left: the task is to be called again. */
  more: boolean;
}

/**
 * The task of one table: waits for its lease, loads what the run's mode says, and records how it went. Called
 * again after a crash, a time-out or `more`, it goes on where the ledger stands.
 *
 * @throws whatever the engine throws; CancelledError and LeaseLostError among it
 */
export async function runTable(
  { context, journal, run, lease: right, begun }: Execution,
  mode: RunMode,
  tableName: string,
  task: TaskContext,
  { tenant, ...turns }: TableTurns,
  isCancelled: () => boolean,
): Promise<TableResult> {
  const entity = entityOf(tableName, context.entities);
  if (entity === undefined) {
    throw new TaskError("UnknownTable", `There is no table ${tableName} in the catalogue.`);
  }
  if (tenant === undefined) {
    throw new TaskError("UnknownTenant", `The tenant ${run.tenant_id} is not registered.`);
  }
  const isUntouched = begun !== undefined && !begun.has(tableName) && task.attempt === 1;
  begun?.add(tableName);
  const stored = isUntouched
    ? undefined
    : (await findTables(context.db, run.run_id)).get(tableName);
  if (stored?.status === "succeeded" || stored?.status === "partial") {
    return { table_name: tableName, status: stored.status, more: false };
  }
  if (stored?.status === "failed" || stored?.status === "unbalanced") {
    // A decision is about the tables that wait, not about what had failed beside them.
    const plans = await findPlans(context.db, run.run_id);
    if (plans.some((plan) => plan.decision !== "")) {
      return { table_name: tableName, status: stored.status, more: false };
    }
  }

  const attempt = Math.max(
    task.attempt,
    (stored?.attempt ?? 0) + (stored?.status === "running" ? 1 : 0),
    1,
  );
  const place: TableWork = {
    db: context.db,
    store: context.store,
    entity,
    tenantId: run.tenant_id,
    runId: run.run_id,
    signal: task.signal,
    maxMemoryBytes: context.maxMemoryBytes,
    ...(context.manyVersions === undefined ? {} : { manyVersions: context.manyVersions }),
  };
  const piece = context.bulkPiece ?? BULK_PIECE;
  const goesInPieces =
    mode === "bulk" && (await isMoreThanOnePiece(place, piece)) && !(await isReload(place));
  // A batch whose objects are not marked is done again, under its number.
  const next = isUntouched || (mode === "bulk" && !goesInPieces) ? 1 : await nextBatch(place);
  const counts = isUntouched
    ? NO_ROWS
    : ((await countBatches(context.db, run.run_id, next)).get(tableName) ?? NO_ROWS);
  let lease: Lease | undefined;
  // A plan keeps its staging tables.
  let mayKeep = true;
  const reporter = new TableReporter(
    context.db,
    journal,
    {
      ...queuedTable(run, tableName),
      attempt,
      started_at: stored?.started_at ?? new Date().toISOString(),
      ...counts,
    },
    counts,
    async () => {
      if (isCancelled()) throw new CancelledError();
      await Promise.all([right.assertHeld(), lease?.assertHeld()]);
    },
  );
  let work = place;
  try {
    lease = await waitForLease(context, run, tableName, reporter, task.signal);
    work = { ...place, token: lease.token };
    const limits: LoadLimits = {
      rejectThresholdPercent: tenant.rejectThresholdPercent,
      rejectMinimumRows: tenant.rejectMinimumRows,
      ...turns,
      ...(context.sizing === undefined ? {} : { sizing: context.sizing }),
      ...(goesInPieces ? { pieces: piece } : {}),
      ...(isUntouched ? { firstBatch: next } : {}),
    };
    const stood =
      mode === "replay"
        ? { loaded: await replayTable(work, reporter, limits) }
        : await carryOutTable(work, mode, reporter, limits, {
            rule: run.plan_rule,
            isAutomatic: ["schedule", "event"].includes(run.trigger),
            deleteThresholdPercent: tenant.deleteThresholdPercent,
            deleteMinimumRecords: tenant.deleteMinimumRecords,
            isUntouched,
          });
    mayKeep = !(isUntouched && "loaded" in stood);
    if ("waiting" in stood) {
      reporter.update({ status: "waiting_approval", step: "" });
      return { table_name: tableName, status: "waiting_approval", more: false };
    }
    if ("rejected" in stood) {
      reporter.update({
        status: "cancelled",
        step: "",
        finished_at: new Date().toISOString(),
        error: rejection(stood.rejected),
      });
      return { table_name: tableName, status: "cancelled", more: false };
    }
    const outcome = stood.loaded;
    if (outcome.more) {
      reporter.update({ status: "queued", step: "" });
      return { table_name: tableName, status: "succeeded", more: true };
    }
    const { runId, tenantId } = work;
    const [deadObjects, size] = await Promise.all([
      isUntouched && outcome.deadObjects === 0
        ? 0
        : countDeadObjects(context.db, { tenantId, tableName, runId }),
      outcome.size ?? readState(work),
    ]);
    const status =
      outcome.violations.length > 0 ? "failed" : deadObjects > 0 ? "partial" : "succeeded";
    reporter.update({
      status,
      step: "",
      versions: size?.versions ?? 0,
      current: size?.current ?? 0,
      finished_at: new Date().toISOString(),
      error:
        outcome.violations.length > 0
          ? `Invariants do not hold: ${outcome.violations.map((violation) => violation.invariant).join(", ")}.`
          : deadObjects > 0
            ? `${deadObjects} ${deadObjects === 1 ? "object" : "objects"} could not be taken in; see the dead letters.`
            : "",
    });
    return { table_name: tableName, status, more: false };
  } catch (error) {
    // Without the lease any statement can fail; that it is lost is what happened.
    await lease?.assertHeld();
    throw error;
  } finally {
    reporter.close();
    await lease?.release(async () => {
      const isKept = mayKeep && (await keptTokens(context.db)).has(work.token ?? "");
      if (!isKept) await dropStaging(work);
    });
  }
}

async function waitForLease(
  context: RunContext,
  run: Run,
  tableName: string,
  reporter: TableReporter,
  signal: AbortSignal,
): Promise<Lease> {
  let told = "";
  for (;;) {
    signal.throwIfAborted();
    const taken = await takeLease(context.db, tableLease(run.tenant_id, tableName), run.run_id);
    if ("lease" in taken) return taken.lease;
    if (told !== taken.holder.run_id) {
      told = taken.holder.run_id;
      reporter.update({ status: "queued", step: "" });
      reporter.event(
        "info",
        "waiting_for_lease",
        `Waits for run ${told}, which is at work on ${tableName}.`,
        { run_id: told },
      );
    }
    await wait(LEASE_POLL_MS, undefined, { signal });
  }
}
