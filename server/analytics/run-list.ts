import { z } from "zod";
import { tableNames } from "@/lib/catalog";
import type { RunListReply, RunSummary } from "@/lib/contracts/runs";
import { RunMode, RunStatus } from "@/lib/contracts/values";
import type { RunState } from "@/lib/status";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { decodeCursor, encodeCursor } from "./cursor";
import { queuePositions } from "./queue-positions";
import { zCount, zCountOrZero, zInstant, zMaybeInstant, zMeasureOrZero } from "./row-types";
import { lastSign, shownStatus, WORKER_BEATS } from "./run-status-sql";

/** Counts stop here and are shown as "10 000+". */
export const RUN_COUNT_CAP = 10_000;

const row = z.object({
  runId: z.string(),
  tenantId: z.string(),
  tenantName: z.string(),
  mode: RunMode,
  status: RunStatus,
  tables: z.array(z.string()),
  trigger: z.string(),
  requestedBy: z.string(),
  createdAt: zInstant,
  startedAt: zMaybeInstant,
  finishedAt: zMaybeInstant,
  heartbeatAt: zInstant,
  cancelRequestedBy: z.string(),
  error: z.string(),
  steps: z.array(z.string()),
  attempt: zCountOrZero,
  objectsTotal: zCountOrZero,
  objectsDone: zCountOrZero,
  bytesTotal: zCountOrZero,
  rowsTotal: zCountOrZero,
  rowsDone: zCountOrZero,
  rowsPerSecond: zMeasureOrZero,
  read: zCountOrZero,
  new: zCountOrZero,
  changed: zCountOrZero,
  deleted: zCountOrZero,
  unchanged: zCountOrZero,
  duplicate: zCountOrZero,
  rejected: zCountOrZero,
});

function toSummary({
  read,
  new: opened,
  changed,
  deleted,
  unchanged,
  duplicate,
  rejected,
  ...rest
}: z.output<typeof row>): Omit<RunSummary, "queuePosition"> {
  return {
    ...rest,
    // A run that names no table is about all of them.
    tables: rest.tables.length === 0 ? [...tableNames] : rest.tables,
    ledger: { read, new: opened, changed, deleted, unchanged, duplicate, rejected },
  };
}

/** Runs as the filters choose them; what is not asked for has no clause. */
export interface RunFilter {
  readonly status?: readonly RunState[] | undefined;
  readonly tenants?: readonly string[] | undefined;
  readonly mode?: RunMode | undefined;
  /** ISO in UTC; `from` is included, `to` is not. By the time a run was asked for. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly runId?: string | undefined;
}

interface Bound {
  readonly clauses: readonly string[];
  readonly params: Readonly<Record<string, unknown>>;
}

function bind(filter: RunFilter): Bound {
  const clauses: string[] = [];
  const params: Record<string, unknown> = {};
  const add = (clause: string, name: string, value: unknown): void => {
    clauses.push(clause);
    params[name] = value;
  };
  if (filter.runId !== undefined) add("run_id = {runId:String}", "runId", filter.runId);
  if (filter.status !== undefined && filter.status.length > 0)
    add("shown IN {status:Array(String)}", "status", [...filter.status]);
  if (filter.tenants !== undefined && filter.tenants.length > 0)
    add("tenant_id IN {tenants:Array(String)}", "tenants", [...filter.tenants]);
  if (filter.mode !== undefined) add("mode = {mode:String}", "mode", filter.mode);
  if (filter.from !== undefined)
    add("created_at >= {from:DateTime64(3, 'UTC')}", "from", clickHouseTime(filter.from));
  if (filter.to !== undefined)
    add("created_at < {to:DateTime64(3, 'UTC')}", "to", clickHouseTime(filter.to));
  return { clauses, params };
}

/** An ISO instant as a bound DateTime64 takes it. */
export function clickHouseTime(iso: string): string {
  return new Date(iso).toISOString().replace("T", " ").slice(0, -1);
}

/** `(created_at, run_id)` of a row against a bound place in the list. */
function place(operator: "<" | "<=" | ">", name: string): string {
  return `(created_at, run_id) ${operator} ({${name}At:DateTime64(3, 'UTC')}, {${name}Id:String})`;
}

const FROM_RUNS = `(SELECT *, ${shownStatus("runs")} AS shown FROM runs FINAL)`;

function where(clauses: readonly string[]): string {
  return clauses.length === 0 ? "" : `WHERE ${clauses.join(" AND ")}`;
}

const anyParams = z.record(z.string(), z.unknown());

/** A statement's parameters as an object schema: names come from this file, values have been checked before. */
function shape(params: Readonly<Record<string, unknown>>): z.ZodObject {
  return z.object(Object.fromEntries(Object.keys(params).map((name) => [name, z.unknown()])));
}

async function page(
  clauses: readonly string[],
  params: Readonly<Record<string, unknown>>,
  limit: number,
  db: Db | undefined,
): Promise<RunSummary[]> {
  const bound = anyParams.parse({ ...params, limit });
  const read = fleetQuery({
    name: "runs.page",
    sql: `
WITH picked AS
(
    SELECT * FROM ${FROM_RUNS} ${where(clauses)}
    ORDER BY created_at DESC, run_id DESC
    LIMIT {limit:UInt32}
)
SELECT
    run.run_id AS runId,
    run.tenant_id AS tenantId,
    if(tenant.name = '', run.tenant_id, tenant.name) AS tenantName,
    run.mode AS mode,
    run.shown AS status,
    run.tables AS tables,
    run.trigger AS trigger,
    run.requested_by AS requestedBy,
    run.created_at AS createdAt,
    run.started_at AS startedAt,
    run.finished_at AS finishedAt,
    ${lastSign("run", "beat")} AS heartbeatAt,
    run.cancel_requested_by AS cancelRequestedBy,
    run.error AS error,
    work.steps AS steps,
    work.attempt AS attempt,
    work.objects_total AS objectsTotal,
    work.objects_done AS objectsDone,
    work.bytes_total AS bytesTotal,
    work.rows_total AS rowsTotal,
    work.rows_done AS rowsDone,
    work.rows_per_second AS rowsPerSecond,
    work.sums[1] AS read,
    work.sums[2] AS new,
    work.sums[3] AS changed,
    work.sums[4] AS deleted,
    work.sums[5] AS unchanged,
    work.sums[6] AS duplicate,
    work.sums[7] AS rejected
FROM picked AS run
LEFT JOIN (SELECT tenant_id, name FROM tenants FINAL) AS tenant ON tenant.tenant_id = run.tenant_id
LEFT JOIN ${WORKER_BEATS} AS beat ON beat.token = run.worker
LEFT JOIN
(
    SELECT
        run_id,
        arrayDistinct(groupArrayIf(toString(step), status IN ('running', 'retrying') AND step != '')) AS steps,
        max(attempt) AS attempt,
        sum(objects_total) AS objects_total,
        sum(objects_done) AS objects_done,
        sum(bytes_total) AS bytes_total,
        sum(rows_total) AS rows_total,
        sum(rows_done) AS rows_done,
        sumIf(rows_per_second, status IN ('running', 'retrying')) AS rows_per_second,
        sumForEach([read, new, changed, deleted, unchanged, duplicate, rejected]) AS sums
    FROM run_tables FINAL
    WHERE run_id IN (SELECT run_id FROM picked)
    GROUP BY run_id
) AS work ON work.run_id = run.run_id
ORDER BY createdAt DESC, runId DESC`,
    params: shape(bound),
    row,
    maxSeconds: 10,
  });
  const rows = await read(bound, db);
  const positions = rows.some((run) => run.status === "queued")
    ? await queuePositions(db)
    : new Map<string, number>();
  return rows.map((run) => ({
    ...toSummary(run),
    queuePosition: positions.get(run.runId) ?? null,
  }));
}

/** How many runs match, counted to the cap. */
async function count(
  clauses: readonly string[],
  params: Readonly<Record<string, unknown>>,
  cap: number,
  db: Db | undefined,
): Promise<{ count: number; capped: boolean }> {
  const bound = anyParams.parse({ ...params, cap: cap + 1 });
  const read = fleetQuery({
    name: "runs.count",
    sql: `SELECT count() AS found FROM (SELECT 1 FROM ${FROM_RUNS} ${where(clauses)} LIMIT {cap:UInt32})`,
    params: shape(bound),
    row: z.object({ found: zCount }),
    maxSeconds: 10,
  });
  const found = (await read(bound, db))[0]?.found ?? 0;
  return { count: Math.min(found, cap), capped: found > cap };
}

export interface RunListInput extends RunFilter {
  readonly after: string | null;
  /** The upper end that an earlier reply gave; null starts at the newest run. */
  readonly until: string | null;
  readonly limit: number;
}

/** A page of runs, newest first, with counts of what matches and of what came in above it since. */
export async function readRuns(input: RunListInput, db?: Db): Promise<RunListReply> {
  const { clauses, params } = bind(input);
  const [untilAt, untilId] = input.until === null ? [] : decodeCursor(input.until, 2);
  const [afterAt, afterId] = input.after === null ? [] : decodeCursor(input.after, 2);
  const until = untilAt === undefined ? [] : [place("<=", "until")];
  const after = afterAt === undefined ? [] : [place("<", "after")];
  const untilParams = untilAt === undefined ? {} : { untilAt: clickHouseTime(untilAt), untilId };
  const afterParams = afterAt === undefined ? {} : { afterAt: clickHouseTime(afterAt), afterId };
  const [rows, matching, newer] = await Promise.all([
    page(
      [...clauses, ...until, ...after],
      { ...params, ...untilParams, ...afterParams },
      input.limit + 1,
      db,
    ),
    count(clauses, params, RUN_COUNT_CAP, db),
    untilAt === undefined
      ? { count: 0, capped: false }
      : count([...clauses, place(">", "until")], { ...params, ...untilParams }, 99, db),
  ]);
  const shown = rows.slice(0, input.limit);
  const [first] = shown;
  const last = shown.at(-1);
  return {
    asOf: new Date().toISOString(),
    rows: shown,
    matching,
    until:
      input.until ?? (first === undefined ? null : encodeCursor([first.createdAt, first.runId])),
    newer,
    next:
      rows.length > input.limit && last !== undefined
        ? encodeCursor([last.createdAt, last.runId])
        : null,
  };
}

/** The newest runs that match, without counts. */
export async function readNewestRuns(
  filter: RunFilter,
  limit: number,
  db?: Db,
): Promise<RunSummary[]> {
  const { clauses, params } = bind(filter);
  return page(clauses, params, limit, db);
}

/** How many runs match the filter, counted to the cap. */
export async function countRuns(
  filter: RunFilter,
  db?: Db,
): Promise<{ count: number; capped: boolean }> {
  const { clauses, params } = bind(filter);
  return count(clauses, params, RUN_COUNT_CAP, db);
}
