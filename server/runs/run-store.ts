import { z } from "zod";

import { PlanRule } from "@/lib/contracts/plans";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";
import { insertTogether } from "@/server/clickhouse/insert-together";
import { NO_ROWS, RowCounts, addCounts } from "@/server/scd2/count";

import { type Journal, versioned } from "./journal";
import { nextVersion } from "./version";

/** What a load can be. */
export const LoadMode = z.enum(["bulk", "incremental"]);
export type LoadMode = z.infer<typeof LoadMode>;

/** What a run can be: a load, or the replay of dead letters. */
export const RunMode = z.enum([...LoadMode.options, "replay"]);
export type RunMode = z.infer<typeof RunMode>;

/** A run as it stands. Times are ISO 8601 UTC. */
export const Run = z.object({
  run_id: z.string(),
  tenant_id: z.string(),
  mode: z.string(),
  tables: z.array(z.string()),
  status: z.string(),
  trigger: z.string(),
  requested_by: z.string(),
  created_at: z.string(),
  started_at: z.string().nullable(),
  finished_at: z.string().nullable(),
  cancel_requested_by: z.string(),
  worker: z.string(),
  heartbeat_at: z.string(),
  error: z.string(),
  /** `local` or `stepfunctions`: who carries it out. */
  orchestrator: z.string(),
  /** Step Functions' address of the run; '' for a local one. */
  execution_arn: z.string(),
  /** When it stops as a plan. */
  plan_rule: PlanRule,
});
export type Run = z.infer<typeof Run>;

/** One table within a run. Counts are those of all its published batches. */
export interface RunTable extends RowCounts {
  run_id: string;
  tenant_id: string;
  table_name: string;
  status: string;
  step: string;
  attempt: number;
  objects_total: number;
  objects_done: number;
  bytes_total: number;
  bytes_done: number;
  rows_total: number;
  rows_done: number;
  rows_per_second: number;
  versions: number;
  current: number;
  started_at: string | null;
  finished_at: string | null;
  error: string;
}

/** A table of a run that has not begun. */
export function queuedTable(run: Pick<Run, "run_id" | "tenant_id">, tableName: string): RunTable {
  return {
    run_id: run.run_id,
    tenant_id: run.tenant_id,
    table_name: tableName,
    status: "queued",
    step: "",
    attempt: 0,
    objects_total: 0,
    objects_done: 0,
    bytes_total: 0,
    bytes_done: 0,
    rows_total: 0,
    rows_done: 0,
    rows_per_second: 0,
    ...NO_ROWS,
    versions: 0,
    current: 0,
    started_at: null,
    finished_at: null,
    error: "",
  };
}

export async function writeRun(db: Db, run: Run): Promise<void> {
  await insertTogether(db, "runs", [versioned(run)]);
}

export const findRun = gathered<string, Run | undefined>(async (db, runIds) => {
  const rows = await db.rows(
    {
      name: "runs.find",
      params: { run_ids: runIds },
      sql: "SELECT * EXCEPT version FROM runs FINAL WHERE run_id IN {run_ids:Array(String)}",
    },
    Run,
  );
  return runIds.map((runId) => rows.find((row) => row.run_id === runId));
});

/**
 * Runs in these states, oldest first.
 *
 * @param orchestrator only runs that this one carries out; the local workers must leave the others alone
 */
export async function findRuns(
  db: Db,
  statuses: readonly string[],
  tenantId?: string,
  orchestrator = "local",
): Promise<Run[]> {
  return db.rows(
    {
      name: "runs.by-status",
      params: {
        statuses,
        orchestrator,
        ...(tenantId === undefined ? {} : { tenant_id: tenantId }),
      },
      sql: `SELECT * EXCEPT version FROM runs FINAL
WHERE orchestrator = {orchestrator:String} AND status IN {statuses:Array(String)} ${tenantId === undefined ? "" : "AND tenant_id = {tenant_id:String}"}
ORDER BY run_id`,
    },
    Run,
  );
}

export function writeTable(journal: Journal, table: RunTable): void {
  journal.write("run_tables", table.table_name, versioned({ ...table }));
}

const StoredTable = z.object({
  run_id: z.string(),
  table_name: z.string(),
  status: z.string(),
  attempt: zCount,
  started_at: z.string().nullable(),
  error: z.string(),
  versions: zCount,
  current: zCount,
});
type StoredTable = z.infer<typeof StoredTable>;

/** What is stored of a run's tables, by name. */
export const findTables = gathered<string, Map<string, StoredTable>>(async (db, runIds) => {
  const rows = await db.rows(
    {
      name: "runs.tables",
      params: { run_ids: runIds },
      sql: `SELECT run_id, table_name, status, attempt, started_at, error, versions, current
FROM run_tables FINAL WHERE run_id IN {run_ids:Array(String)}`,
    },
    StoredTable,
  );
  return runIds.map(
    (runId) =>
      new Map(rows.filter((row) => row.run_id === runId).map((row) => [row.table_name, row])),
  );
});

const Counted = z.object({
  run_id: z.string(),
  table_name: z.string(),
  batch: zCount,
  read: zCount,
  new: zCount,
  changed: zCount,
  deleted: zCount,
  unchanged: zCount,
  duplicate: zCount,
  rejected: zCount,
});

/**
 * The row ledger of a run's tables: the sum of their published batches.
 *
 * @param before only batches of lesser number
 */
export async function countBatches(
  db: Db,
  runId: string,
  before = Number.POSITIVE_INFINITY,
): Promise<Map<string, RowCounts>> {
  const counted = new Map<string, RowCounts>();
  for (const { run_id: _run, table_name, batch, ...counts } of await findBatches(db, runId)) {
    if (batch < before)
      counted.set(table_name, addCounts(counted.get(table_name) ?? NO_ROWS, counts));
  }
  return counted;
}

const findBatches = gathered<string, z.infer<typeof Counted>[]>(async (db, runIds) => {
  const rows = await db.rows(
    {
      name: "runs.count-batches",
      params: { run_ids: runIds },
      sql: `SELECT run_id, table_name, batch, read, new, changed, deleted, unchanged, duplicate, rejected
FROM batches FINAL WHERE run_id IN {run_ids:Array(String)}`,
    },
    Counted,
  );
  return runIds.map((runId) => rows.filter((row) => row.run_id === runId));
});

export interface RunStep {
  readonly run_id: string;
  readonly tenant_id: string;
  /** '' for a step of the run itself. */
  readonly table_name: string;
  readonly attempt: number;
  readonly batch: number;
  readonly step: string;
  readonly status: "running" | "succeeded" | "failed" | "cancelled";
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly error: string;
}

export function writeStep(journal: Journal, step: RunStep): void {
  const identity = [step.table_name, step.attempt, step.batch, step.step].join("/");
  journal.write("run_steps", identity, versioned({ ...step }));
}

export interface RunEvent {
  readonly run_id: string;
  readonly tenant_id: string;
  readonly table_name: string;
  readonly level: "info" | "warn" | "error";
  readonly event: string;
  readonly message: string;
  readonly detail?: object | undefined;
}

function eventRow(event: RunEvent): Record<string, unknown> & { sequence: string } {
  return {
    ...event,
    detail: event.detail === undefined ? "" : JSON.stringify(event.detail),
    at: new Date().toISOString(),
    sequence: nextVersion(),
  };
}

export function writeEvent(journal: Journal, event: RunEvent): void {
  const row = eventRow(event);
  journal.write("run_events", row.sequence, row);
}

/** Says something of a run that nobody carries out just now. */
export async function tellRun(
  db: Db,
  run: Pick<Run, "run_id" | "tenant_id">,
  said: Pick<RunEvent, "level" | "event" | "message"> & { readonly table_name?: string },
): Promise<void> {
  const { run_id, tenant_id } = run;
  await db.insert("run_events", [eventRow({ run_id, tenant_id, table_name: "", ...said })]);
}

/** Leaves word for whoever carries the run out. */
export async function requestCancel(db: Db, run: Run, requestedBy: string): Promise<void> {
  await db.insert("run_events", [
    eventRow({
      run_id: run.run_id,
      tenant_id: run.tenant_id,
      table_name: "",
      level: "warn",
      event: "cancel_requested",
      message: requestedBy,
    }),
  ]);
}

/** Shows on the run that somebody wants it stopped; what its process has written since then stays above that. */
export async function markCancelRequested(
  db: Db,
  runId: string,
  requestedBy: string,
): Promise<void> {
  await db.command({
    name: "runs.mark-cancel-requested",
    params: { run_id: runId, requested_by: requestedBy },
    sql: `INSERT INTO runs
SELECT * REPLACE ({requested_by:String} AS cancel_requested_by, version + 1 AS version)
FROM runs FINAL WHERE run_id = {run_id:String} AND isNull(finished_at)`,
  });
}

/** Who asked for a run to be cancelled, or undefined. What was asked before a redrive is done with. */
export const findCancelRequest = gathered<string, string | undefined>(async (db, runIds) => {
  const rows = await db.rows(
    {
      name: "runs.cancel-request",
      params: { run_ids: runIds },
      sql: `SELECT run_id,
  argMinIf(message, at, event = 'cancel_requested' AND sequence > redriven) AS message,
  countIf(event = 'cancel_requested' AND sequence > redriven) AS requests
FROM (
  SELECT *, maxIf(sequence, event = 'run_redriven') OVER (PARTITION BY run_id) AS redriven
  FROM run_events
  WHERE run_id IN {run_ids:Array(String)} AND event IN ('cancel_requested', 'run_redriven')
)
GROUP BY run_id
HAVING requests > 0`,
    },
    z.object({ run_id: z.string(), message: z.string() }),
  );
  return runIds.map((runId) => rows.find((row) => row.run_id === runId)?.message);
});
