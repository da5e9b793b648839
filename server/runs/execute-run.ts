import { z } from "zod";

import { entityOf } from "@/lib/catalog";
import { ledgerDifference, NO_ROWS } from "@/server/scd2/count";
import { log } from "@/server/log";
import { findTenant } from "@/server/tenants/find-tenant";

import { type TaskContext, type TaskHandlers, runStateMachine } from "./interpreter";
import { runLease, takeLease } from "./lease";
import type { RunContext } from "./run-context";
import { CancelledError, RunControl } from "./run-control";
import {
  type Run,
  type RunMode,
  countBatches,
  findRun,
  findTables,
  queuedTable,
  writeEvent,
  writeRun,
  writeStep,
  writeTable,
} from "./run-store";
import { runTable, type TableResult } from "./run-table";
import { dropRunStaging } from "./staging-cleanup";
import { stateMachine } from "./state-machine";
import { TaskError, taskErrorOf } from "./task-error";
import { reportUnknownTables } from "./unknown-tables";
import { workerId } from "./worker-identity";
import { writeDeadRun } from "./dead-runs";

const STRATEGY: Readonly<Record<RunMode, string>> = {
  bulk: "bulk_load",
  incremental: "incremental",
};

const Failure = z.object({ error: z.object({ Error: z.string(), Cause: z.string() }) });

/** A run's end. `busy`: another process carries it out. `left`: this process ends first; the next start goes on. */
export type RunEnd =
  | { readonly status: string }
  | { readonly busy: true }
  | { readonly left: true };

/**
 * Carries a run out to its end by the state machine: the local orchestrator. Safe to call for a run that a dead
 * process left behind: tables that are done are not done again.
 *
 * @param drain aborted when this process is to end
 */
export async function executeRun(
  context: RunContext,
  runId: string,
  drain?: AbortSignal,
): Promise<RunEnd> {
  const { db } = context;
  const taken = await takeLease(db, runLease(runId), runId);
  if (!("lease" in taken)) return { busy: true };
  let control: RunControl | undefined;
  try {
    const stored = await findRun(db, runId);
    if (stored === undefined) throw new TaskError("UnknownRun", `There is no run ${runId}.`);
    if (stored.finished_at !== null) return { status: stored.status };
    control = new RunControl(db, runId, stored.cancel_requested_by, drain);
    const isResumed = stored.started_at !== null;
    const run: Run = {
      ...stored,
      status: "running",
      worker: workerId,
      started_at: stored.started_at ?? new Date().toISOString(),
      heartbeat_at: new Date().toISOString(),
    };
    await writeRun(db, run);
    await tell(
      context,
      run,
      "info",
      isResumed ? "run_resumed" : "run_started",
      isResumed
        ? `Goes on where process ${stored.worker} stopped.`
        : `${run.mode === "bulk" ? "Bulk load" : "Increment"} of ${run.tables.join(", ") || "all tables"}, asked for by ${run.requested_by} (${run.trigger}).`,
    );
    return await carryOut(context, run, control);
  } finally {
    control?.close();
    await taken.lease.release();
  }
}

async function carryOut(context: RunContext, run: Run, control: RunControl): Promise<RunEnd> {
  const { db } = context;
  try {
    await runStateMachine(
      stateMachine,
      { run_id: run.run_id, tenant_id: run.tenant_id },
      {
        handlers: handlersOf(context, run, control),
        signal: control.signal,
        delayScale: context.delayScale,
        onRetry: async (_state, input, error, next) => {
          const tableName = typeof input["table_name"] === "string" ? input["table_name"] : "";
          await noteRetry(context, run, tableName, error, next);
        },
      },
    );
  } catch (thrown) {
    if (control.isDraining && control.cancelledBy === undefined) return { left: true };
    if (control.cancelledBy !== undefined)
      return end(context, run, "cancelled", new CancelledError(control.cancelledBy).message);
    const error = taskErrorOf(thrown);
    log().error({ error: thrown, run: run.run_id }, "run failed");
    await writeDeadRun(db, run, "", error);
    return end(context, run, "failed", error.message);
  }
  const { status, error } = await judge(context, run);
  return end(context, run, status, error);
}

function handlersOf(context: RunContext, run: Run, control: RunControl): TaskHandlers {
  const { db } = context;
  const table = async (
    mode: RunMode,
    input: Record<string, unknown>,
    task: TaskContext,
  ): Promise<TableResult> =>
    runTable(
      context,
      run,
      mode,
      String(input["table_name"]),
      task,
      () => control.cancelledBy !== undefined,
    );
  return {
    "${InitializerFunctionArn}": async () =>
      ofRun(context, run, "initialize", async () => initialize(context, run)),
    "${BulkLoaderFunctionArn}": async (input, task) => table("bulk", input, task),
    "${ScdProcessorFunctionArn}": async (input, task) => table("incremental", input, task),
    "${DeadLetterFunctionArn}": async (input) => {
      const { error } = Failure.parse(input);
      const tableName = String(input["table_name"]);
      return failTable(context, run, tableName, new TaskError(error.Error, error.Cause));
    },
    "${ValidatorFunctionArn}": async () =>
      ofRun(context, run, "validate", async () => {
        await dropRunStaging(db, run.run_id);
        return judge(context, run);
      }),
  };
}

/** The run's own steps, timed like those of its tables. */
async function ofRun<T>(
  context: RunContext,
  run: Run,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const row = {
    run_id: run.run_id,
    tenant_id: run.tenant_id,
    table_name: "",
    attempt: 1,
    batch: 0,
    step,
    started_at: new Date().toISOString(),
  };
  try {
    const result = await work();
    await writeStep(context.db, {
      ...row,
      status: "succeeded",
      finished_at: new Date().toISOString(),
      error: "",
    });
    return result;
  } catch (error) {
    await writeStep(context.db, {
      ...row,
      status: "failed",
      finished_at: new Date().toISOString(),
      error: taskErrorOf(error).message,
    });
    throw error;
  }
}

async function initialize(
  context: RunContext,
  run: Run,
): Promise<{ strategy: string; tables: string[] }> {
  const tenant = await findTenant(context.db, run.tenant_id);
  if (tenant === undefined) {
    throw new TaskError("UnknownTenant", `The tenant ${run.tenant_id} is not registered.`);
  }
  const known = Object.keys(context.entities);
  const tables = run.tables.length > 0 ? run.tables : known;
  for (const table of tables) {
    if (entityOf(table, context.entities) === undefined) {
      throw new TaskError(
        "UnknownTable",
        `There is no table ${table}. There are ${known.join(", ")}.`,
      );
    }
  }
  await reportUnknownTables(context, run);
  const stored = await findTables(context.db, run.run_id);
  for (const table of tables) {
    if (!stored.has(table)) await writeTable(context.db, queuedTable(run, table));
  }
  return { strategy: STRATEGY[run.mode as RunMode] ?? run.mode, tables };
}

async function noteRetry(
  context: RunContext,
  run: Run,
  tableName: string,
  error: TaskError,
  next: { attempt: number; of: number; delaySeconds: number },
): Promise<void> {
  const message = `${error.message} Attempt ${next.attempt} of ${next.of} in ${next.delaySeconds} s.`;
  log().warn({ run: run.run_id, table: tableName, error }, "a task is tried again");
  try {
    await tell(context, run, "warn", "retrying", message, tableName);
    if (tableName !== "") {
      await writeTable(context.db, {
        ...queuedTable(run, tableName),
        status: "retrying",
        attempt: next.attempt,
        started_at: run.started_at,
        error: error.message,
      });
    }
  } catch (second) {
    // The database may be what failed; the attempt to come will tell.
    log().warn({ error: second }, "could not record a retry");
  }
}

async function failTable(
  context: RunContext,
  run: Run,
  tableName: string,
  error: TaskError,
): Promise<TableResult> {
  const stored = (await findTables(context.db, run.run_id)).get(tableName);
  const counts = (await countBatches(context.db, run.run_id)).get(tableName) ?? NO_ROWS;
  const status = error.name === "UnbalancedError" ? "unbalanced" : "failed";
  await writeTable(context.db, {
    ...queuedTable(run, tableName),
    ...counts,
    rows_done: counts.read,
    rows_total: counts.read,
    attempt: stored?.attempt ?? 1,
    status,
    started_at: stored?.started_at ?? run.started_at,
    finished_at: new Date().toISOString(),
    error: error.message,
  });
  await writeDeadRun(context.db, run, tableName, error);
  await tell(context, run, "error", "table_failed", error.message, tableName);
  return { table_name: tableName, status, more: false };
}

/** The run's state from those of its tables, and the reason where it is not green. */
async function judge(context: RunContext, run: Run): Promise<{ status: string; error: string }> {
  const tables = await findTables(context.db, run.run_id);
  const counts = await countBatches(context.db, run.run_id);
  const unbalanced = [...counts].filter(([, ledger]) => ledgerDifference(ledger) !== 0);
  const of = (status: string): string[] =>
    [...tables].filter(([, table]) => table.status === status).map(([name]) => name);
  const failed = of("failed");
  const held = [...of("unbalanced"), ...unbalanced.map(([name]) => name)];
  const partial = of("partial");
  const reasons = [...tables]
    .filter(([, table]) => table.error !== "")
    .map(([name, table]) => `${name}: ${table.error}`)
    .join(" ");
  if (held.length > 0) return { status: "unbalanced", error: reasons };
  if (failed.length > 0)
    return { status: failed.length === tables.size ? "failed" : "partial", error: reasons };
  return partial.length > 0
    ? { status: "partial", error: reasons }
    : { status: "succeeded", error: "" };
}

async function end(context: RunContext, run: Run, status: string, error: string): Promise<RunEnd> {
  const { db } = context;
  await dropRunStaging(db, run.run_id);
  const now = new Date().toISOString();
  if (status === "cancelled" || status === "failed") {
    const counts = await countBatches(db, run.run_id);
    for (const [name, table] of await findTables(db, run.run_id)) {
      if (["succeeded", "partial", "failed", "unbalanced"].includes(table.status)) continue;
      await writeTable(db, {
        ...queuedTable(run, name),
        ...counts.get(name),
        status,
        attempt: table.attempt,
        started_at: table.started_at,
        finished_at: now,
        error,
      });
    }
  }
  const cancel_requested_by = (await findRun(db, run.run_id))?.cancel_requested_by ?? "";
  await writeRun(db, { ...run, status, error, cancel_requested_by, finished_at: now, heartbeat_at: now });
  await tell(
    context,
    run,
    status === "succeeded" ? "info" : "error",
    "run_finished",
    error === "" ? `The run ${status}.` : error,
  );
  return { status };
}

async function tell(
  context: RunContext,
  run: Run,
  level: "info" | "warn" | "error",
  event: string,
  message: string,
  tableName = "",
): Promise<void> {
  await writeEvent(context.db, {
    run_id: run.run_id,
    tenant_id: run.tenant_id,
    table_name: tableName,
    level,
    event,
    message,
  });
}
