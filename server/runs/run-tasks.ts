import { z } from "zod";

import { entityOf } from "@/lib/catalog";
import { NO_ROWS } from "@/server/scd2/count";
import { findTenant } from "@/server/tenants/find-tenant";

import { writeDeadRun } from "./dead-runs";
import { type Execution, tell } from "./execution";
import type { TaskContext, TaskHandlers } from "./interpreter";
import { judgeRun } from "./judge-run";
import type { RunControl } from "./run-control";
import {
  type RunMode,
  countBatches,
  findTables,
  queuedTable,
  writeStep,
  writeTable,
} from "./run-store";
import { inPlace } from "./in-place";
import { type TableResult, runTable } from "./run-table";
import { TaskError, taskErrorOf } from "./task-error";
import { causeMessage } from "./task-cause";
import { recorded } from "./task-record";
import { reportUnknownTables } from "./unknown-tables";

const STRATEGY: Readonly<Record<string, string>> = {
  bulk: "bulk_load",
  incremental: "incremental",
  // A replay goes the way of an increment; its tables take what was chosen instead of what is new.
  replay: "incremental",
};

const Failure = z.object({ error: z.object({ Error: z.string(), Cause: z.string() }) });

/** The functions behind the state machine's resources, for one run. Every call of them is kept. */
export function runTasks(execution: Execution, control: RunControl): TaskHandlers {
  const isCancelled = (): boolean => control.cancelledBy !== undefined;
  const table = async (
    mode: RunMode,
    input: Record<string, unknown>,
    task: TaskContext,
  ): Promise<TableResult> => {
    const tableName = String(input["table_name"]);
    return inPlace(execution, control, tableName, task, async (turns) =>
      runTable(execution, mode, tableName, task, turns, isCancelled),
    );
  };
  const tasks: TaskHandlers = {
    "${InitializerFunctionArn}": async () =>
      ownStep(execution, "initialize", async () => initialize(execution)),
    "${BulkLoaderFunctionArn}": async (input, task) => table("bulk", input, task),
    "${ScdProcessorFunctionArn}": async (input, task) =>
      table(execution.run.mode === "replay" ? "replay" : "incremental", input, task),
    "${DeadLetterFunctionArn}": async (input) =>
      failTable(execution, String(input["table_name"]), failureOf(input), isCancelled()),
    "${ValidatorFunctionArn}": async () =>
      ownStep(execution, "validate", async () => judgeRun(execution)),
  };
  return Object.fromEntries(
    Object.entries(tasks).map(([resource, handler]) => [resource, recorded(execution, handler)]),
  );
}

/** The failure that a Catch hands to the dead-letter task, whichever orchestrator caught it. */
export function failureOf(input: unknown): TaskError {
  const { Error: name, Cause: cause } = Failure.parse(input).error;
  return new TaskError(name, causeMessage(cause));
}

/** The run's own steps, timed like those of its tables. */
async function ownStep<T>(
  { journal, run }: Execution,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const started_at = new Date().toISOString();
  const write = (status: "succeeded" | "failed", error: string): void =>
    writeStep(journal, {
      run_id: run.run_id,
      tenant_id: run.tenant_id,
      table_name: "",
      attempt: 1,
      batch: 0,
      step,
      status,
      started_at,
      finished_at: new Date().toISOString(),
      error,
    });
  try {
    const result = await work();
    write("succeeded", "");
    return result;
  } catch (error) {
    write("failed", taskErrorOf(error).message);
    throw error;
  }
}

async function initialize(execution: Execution): Promise<{ strategy: string; tables: string[] }> {
  const { context, journal, run, tenants, begun } = execution;
  const [tenant, stored] = await Promise.all([
    tenants?.find() ?? findTenant(context.db, run.tenant_id),
    begun === undefined ? findTables(context.db, run.run_id) : undefined,
  ]);
  if (tenant === undefined) {
    throw new TaskError("UnknownTenant", `The tenant ${run.tenant_id} is not registered.`);
  }
  const known = Object.keys(context.entities);
  const tables = run.tables.length > 0 ? run.tables : known;
  for (const table of tables) {
    if (entityOf(table, context.entities) !== undefined) continue;
    throw new TaskError(
      "UnknownTable",
      `There is no table ${table}. There are ${known.join(", ")}.`,
    );
  }
  await reportUnknownTables(context, journal, run);
  for (const table of tables) {
    if (stored?.has(table) !== true) writeTable(journal, queuedTable(run, table));
  }
  return { strategy: STRATEGY[run.mode] ?? run.mode, tables: [...tables] };
}

/** A failed attempt that is followed by another. */
export function noteRetry(
  execution: Execution,
  tableName: string,
  error: TaskError,
  next: { attempt: number; of: number; delaySeconds: number },
): void {
  const { journal, run } = execution;
  const when = next.delaySeconds === 0 ? "now" : `in ${next.delaySeconds} s`;
  tell(
    execution,
    "warn",
    "retrying",
    `${error.message} Retry ${next.attempt - 1} of ${next.of - 1} ${when}.`,
    tableName,
  );
  if (tableName === "") return;
  writeTable(journal, {
    ...queuedTable(run, tableName),
    status: "retrying",
    attempt: next.attempt,
    started_at: run.started_at,
    error: error.message,
  });
}

/** The Catch of a table's task: dead letter, and the other tables go on. */
async function failTable(
  execution: Execution,
  tableName: string,
  error: TaskError,
  isCancelled: boolean,
): Promise<TableResult> {
  const { context, journal, run, lease } = execution;
  await lease.assertHeld();
  await journal.flush();
  const stored = (await findTables(context.db, run.run_id)).get(tableName);
  const counts = (await countBatches(context.db, run.run_id)).get(tableName) ?? NO_ROWS;
  // An execution that is being stopped can still get as far as its Catch: what was stopped is no failure.
  const status = isCancelled
    ? "cancelled"
    : error.name === "UnbalancedError"
      ? "unbalanced"
      : "failed";
  writeTable(journal, {
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
  if (status === "cancelled") return { table_name: tableName, status, more: false };
  await writeDeadRun(context.db, run, tableName, error);
  tell(execution, "error", "table_failed", error.message, tableName);
  return { table_name: tableName, status, more: false };
}
