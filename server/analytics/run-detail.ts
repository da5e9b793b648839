import { z } from "zod";
import type { RunReply, RunTable } from "@/lib/contracts/runs";
import { RunStatus } from "@/lib/contracts/values";
import { isOpenRun } from "@/lib/status";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { AppError } from "@/server/errors";
import type { TenantScope } from "@/server/tenant-scope";
import { ESTIMATE_MIN_RUNS, readEstimates, type RunOutlook } from "./run-estimates";
import { readNewestRuns } from "./run-list";
import { zCount, zInstant, zMaybeInstant, zMeasure } from "./row-types";

const STEPS_SHOWN = 5_000;

const tables = tenantQuery({
  name: "run.tables",
  sql: `
SELECT
    table_name AS tableName, status, step, attempt,
    objects_total AS objectsTotal, objects_done AS objectsDone,
    bytes_total AS bytesTotal, bytes_done AS bytesDone,
    rows_total AS rowsTotal, rows_done AS rowsDone, rows_per_second AS rowsPerSecond,
    read, new, changed, deleted, unchanged, duplicate, rejected,
    versions, current, started_at AS startedAt, finished_at AS finishedAt, error
FROM run_tables FINAL
WHERE tenant_id = {tenantId:String} AND run_id = {runId:String}
ORDER BY table_name`,
  params: z.object({ runId: z.string() }),
  row: z.object({
    tableName: z.string(),
    status: RunStatus,
    step: z.string(),
    attempt: zCount,
    objectsTotal: zCount,
    objectsDone: zCount,
    bytesTotal: zCount,
    bytesDone: zCount,
    rowsTotal: zCount,
    rowsDone: zCount,
    rowsPerSecond: zMeasure,
    read: zCount,
    new: zCount,
    changed: zCount,
    deleted: zCount,
    unchanged: zCount,
    duplicate: zCount,
    rejected: zCount,
    versions: zCount,
    current: zCount,
    startedAt: zMaybeInstant,
    finishedAt: zMaybeInstant,
    error: z.string(),
  }),
  maxSeconds: 10,
});

const steps = tenantQuery({
  name: "run.steps",
  sql: `
SELECT
    table_name AS tableName, attempt, batch, step, status,
    started_at AS startedAt, finished_at AS finishedAt, error
FROM run_steps FINAL
WHERE tenant_id = {tenantId:String} AND run_id = {runId:String}
ORDER BY started_at DESC, table_name, attempt, batch, step
LIMIT {limit:UInt32}`,
  params: z.object({ runId: z.string(), limit: z.number().int() }),
  row: z.object({
    tableName: z.string(),
    attempt: zCount,
    batch: zCount,
    step: z.string(),
    status: RunStatus,
    startedAt: zInstant,
    finishedAt: zMaybeInstant,
    error: z.string(),
  }),
  maxSeconds: 10,
});

const usual = tenantQuery({
  name: "run.usual-seconds",
  sql: `
SELECT table_name AS tableName, quantileExact(0.5)(seconds) AS seconds, count() AS runs
FROM
(
    SELECT table_name, dateDiff('millisecond', started_at, finished_at) / 1000 AS seconds
    FROM run_tables FINAL
    WHERE tenant_id = {tenantId:String} AND status = 'succeeded' AND run_id != {runId:String}
        AND started_at IS NOT NULL AND finished_at IS NOT NULL
        AND run_id NOT IN (SELECT run_id FROM plans WHERE tenant_id = {tenantId:String})
        AND run_id IN (SELECT run_id FROM runs FINAL WHERE tenant_id = {tenantId:String} AND mode = {mode:String})
    ORDER BY run_id DESC
    LIMIT 50 BY table_name
)
GROUP BY table_name`,
  params: z.object({ runId: z.string(), mode: z.string() }),
  row: z.object({ tableName: z.string(), seconds: zMeasure, runs: zCount }),
  maxSeconds: 10,
  cacheSeconds: 60,
});

const owner = fleetQuery({
  name: "run.owner",
  sql: "SELECT tenant_id AS tenantId FROM runs FINAL WHERE run_id = {runId:String}",
  params: z.object({ runId: z.string() }),
  row: z.object({ tenantId: z.string() }),
  maxSeconds: 10,
});

const settings = tenantQuery({
  name: "run.tenant",
  sql: `
SELECT time_zone AS timeZone, reject_threshold_percent AS rejectThresholdPercent
FROM tenants FINAL
WHERE tenant_id = {tenantId:String}`,
  params: z.object({}),
  row: z.object({ timeZone: z.string(), rejectThresholdPercent: zMeasure }),
  maxSeconds: 10,
});

/** Which tenant a run belongs to, so that a scope can be made for it; undefined where there is no such run. */
export async function tenantOfRun(runId: string, db?: Db): Promise<string | undefined> {
  return (await owner({ runId }, db))[0]?.tenantId;
}

/**
 * A run with its tables, steps and the band it should end in.
 *
 * @throws AppError `not-found` where the tenant of the scope has no such run
 */
export async function readRun(scope: TenantScope, runId: string, db?: Db): Promise<RunReply> {
  const [run] = await readNewestRuns({ runId, tenants: [scope.tenantId] }, 1, db);
  if (run === undefined) throw new AppError("not-found", "There is no such run.");
  const now = Date.now();
  const [tableRows, stepRows, usualRows, tenant, estimates] = await Promise.all([
    tables(scope, { runId }, db),
    steps(scope, { runId, limit: STEPS_SHOWN + 1 }, db),
    usual(scope, { runId, mode: run.mode }, db),
    settings(scope, {}, db),
    isOpenRun(run.status) && run.status !== "stalled"
      ? readEstimates([run], now, db)
      : new Map<string, RunOutlook>(),
  ]);
  const usualByTable = new Map(
    usualRows
      .filter((row) => row.runs >= ESTIMATE_MIN_RUNS)
      .map((row) => [row.tableName, row.seconds]),
  );
  const shownTables = tableRows.map(
    ({
      read,
      new: opened,
      changed,
      deleted,
      unchanged,
      duplicate,
      rejected,
      ...row
    }): RunTable => ({
      ...row,
      status:
        run.status === "stalled" && isOpenRun(row.status) && row.status !== "queued"
          ? "stalled"
          : row.status,
      ledger: { read, new: opened, changed, deleted, unchanged, duplicate, rejected },
      usualSeconds: usualByTable.get(row.tableName) ?? null,
    }),
  );
  const order = (table: RunTable): number => {
    const index = run.tables.indexOf(table.tableName);
    return index === -1 ? run.tables.length : index;
  };
  return {
    asOf: new Date(now).toISOString(),
    run,
    timeZone: tenant[0]?.timeZone ?? "UTC",
    rejectThresholdPercent: tenant[0]?.rejectThresholdPercent ?? 100,
    tables: shownTables.toSorted((a, b) => order(a) - order(b)),
    steps: stepRows.slice(0, STEPS_SHOWN).toReversed(),
    stepsCapped: stepRows.length > STEPS_SHOWN,
    estimate: estimates.get(runId)?.estimate ?? null,
    pastRuns: estimates.get(runId)?.pastRuns ?? 0,
  };
}
