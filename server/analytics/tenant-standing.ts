import type { TableRun, TableStanding, TenantStanding } from "@/lib/contracts/fleet";
import type { RunStatus } from "@/lib/contracts/values";
import { groupBy } from "@/lib/group-by";
import { isRunState } from "@/lib/status";
import type { FleetTableRow } from "./fleet-tables";
import { rejectStop } from "./reject-stop";
import { judgeTable, tenantHealth } from "./judge-table";
import { checkOf, type LoadedState, type ScheduleRow, scheduleStanding } from "./schedule-standing";

/** A table that is not finished is as silent as its run; what it ended as stays. */
function tableStatus(row: FleetTableRow): RunStatus {
  const own = row.tableStatus !== null && isRunState(row.tableStatus) ? row.tableStatus : "queued";
  const open = own === "running" || own === "retrying" || own === "queued";
  return open && row.runStatus === "stalled" ? "stalled" : own;
}

function tableRun(row: FleetTableRow): TableRun | null {
  if (row.runId === null || row.runId === "") return null;
  // A batch that was stopped at the threshold is counted nowhere but in the words of its error.
  const stopped = rejectStop(row.error ?? "");
  return {
    runId: row.runId,
    status: tableStatus(row),
    step: row.step ?? "",
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    read: stopped?.read ?? row.read,
    accounted: stopped?.read ?? row.accounted,
    rejected: stopped?.rejected ?? row.rejected,
    rowsPerSecond: row.rowsPerSecond,
    heartbeatAt: row.heartbeatAt,
    error: row.error ?? "",
  };
}

/** Whether anything of a tenant was ever loaded, and when a run last took in what was there. */
export function loadedState(rows: readonly FleetTableRow[]): LoadedState {
  const tookIn = rows
    .filter((row) => row.runStatus === "succeeded" || row.runStatus === "partial")
    .flatMap((row) => row.runFinishedAt ?? []);
  return {
    loaded: rows.some((row) => row.newestObjectAt !== null),
    tookInAt: tookIn.toSorted().at(-1) ?? null,
  };
}

function standing(
  row: FleetTableRow,
  check: ReturnType<typeof checkOf>,
  asOf: string,
): TableStanding {
  const lastRun = tableRun(row);
  const judgement = judgeTable({
    asOf,
    newestObjectAt: row.newestObjectAt,
    targetMinutes: row.targetMinutes,
    rejectThresholdPercent: row.rejectThresholdPercent,
    lastRun,
    look:
      check === null || check.outcome === "failed"
        ? null
        : {
            at: check.checkedAt,
            foundWaiting: check.waiting.some((table) => table.tableName === row.tableName),
          },
  });
  return {
    tableName: row.tableName,
    newestObjectAt: row.newestObjectAt,
    ...judgement,
    targetMinutes: row.targetMinutes,
    entities: row.entities,
    versions: row.versions,
    current: row.current,
    invariantsHeld: row.invariantsHeld,
    invariantsChecked: row.invariantsChecked,
    invariantsBroken: row.invariantsBroken ?? [],
    lastGoodAt: row.lastGoodAt,
    lastRun,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/**
 * Tenants with their tables and health from the rows of {@link FleetTableRow}. Pure.
 *
 * @param rows grouped by tenant
 * @param schedules of these tenants
 * @param asOf the moment to judge ages at, ISO in UTC
 */
export function tenantStandings(
  rows: readonly FleetTableRow[],
  schedules: readonly ScheduleRow[],
  asOf: string,
): TenantStanding[] {
  const scheduleOf = new Map(schedules.map((schedule) => [schedule.tenantId, schedule]));
  const byTenant = groupBy(rows, (row) => row.tenantId);
  return [...byTenant.values()].flatMap((own) => {
    const [first] = own;
    const schedule = first === undefined ? undefined : scheduleOf.get(first.tenantId);
    // Registered between the two reads: there in a moment.
    if (first === undefined || schedule === undefined) return [];
    const state = loadedState(own);
    const check = checkOf(schedule, state);
    const tables = own.map((row) => standing(row, check, asOf));
    const newest = own
      .filter((row) => row.runId !== null && row.runMode !== null && row.runStatus !== null)
      .toSorted((a, b) => (a.runId ?? "").localeCompare(b.runId ?? ""))
      .at(-1);
    return [
      {
        tenantId: first.tenantId,
        name: first.name,
        sourceSystem: first.sourceSystem,
        timeZone: first.timeZone,
        health: tenantHealth(tables),
        targetMinutes: first.targetMinutes,
        rejectThresholdPercent: first.rejectThresholdPercent,
        createdAt: first.createdAt,
        createdBy: first.createdBy,
        schedule: scheduleStanding(schedule, state, asOf),
        tables,
        rows: sum(tables.map((table) => table.current)),
        rejected: sum(tables.map((table) => table.lastRun?.rejected ?? 0)),
        read: sum(tables.map((table) => table.lastRun?.read ?? 0)),
        lastRun:
          newest === undefined || newest.runMode === null || newest.runStatus === null
            ? null
            : {
                runId: newest.runId ?? "",
                mode: newest.runMode,
                status: newest.runStatus,
                startedAt: newest.runStartedAt,
                finishedAt: newest.runFinishedAt,
              },
      },
    ];
  });
}
