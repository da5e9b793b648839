import { z } from "zod";
import {
  CHECK_OUTCOMES,
  Priority,
  type ScheduleCheck,
  ScheduleKind,
  type ScheduleStanding,
} from "@/lib/contracts/tenant-settings";
import { latestTime, nextTimes, scheduleWords } from "@/lib/schedule";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { OF_ASKED_TENANTS, tenantsQuery } from "@/server/clickhouse/gathered-tenant-query";
import { zFlag, zInstant, zMaybeInstant } from "./row-types";

const row = z.object({
  tenantId: z.string(),
  kind: ScheduleKind,
  intervalMinutes: z.number(),
  cron: z.string(),
  timeZone: z.string(),
  since: zInstant,
  paused: zFlag,
  priority: Priority,
  slotAt: zMaybeInstant,
  checkedAt: zMaybeInstant,
  cause: z.string().nullable(),
  outcome: z.string().nullable(),
  runId: z.string().nullable(),
  waiting: z
    .array(z.tuple([z.string(), z.coerce.number(), z.coerce.number(), zInstant]))
    .nullable(),
  error: z.string().nullable(),
});
/** A tenant's schedule and its newest look into the store. */
export type ScheduleRow = z.output<typeof row>;

function statement(where: string): string {
  return `
SELECT
    tenant.tenant_id AS tenantId,
    tenant.schedule_kind AS kind,
    tenant.schedule_interval_minutes AS intervalMinutes,
    tenant.schedule_cron AS cron,
    if(tenant.schedule_time_zone = '', tenant.time_zone, tenant.schedule_time_zone) AS timeZone,
    ifNull(tenant.schedule_since, tenant.created_at) AS since,
    tenant.paused AS paused,
    tenant.priority AS priority,
    look.slot_at AS slotAt,
    look.checked_at AS checkedAt,
    look.cause AS cause,
    look.outcome AS outcome,
    look.run_id AS runId,
    look.waiting AS waiting,
    look.error AS error
FROM (SELECT * FROM tenants FINAL ${where}) AS tenant
LEFT JOIN (
    SELECT tenant_id, slot_at, toNullable(checked_at) AS checked_at, toNullable(toString(cause)) AS cause, toNullable(toString(outcome)) AS outcome,
        toNullable(run_id) AS run_id, waiting, toNullable(error) AS error
    FROM schedule_checks FINAL ${where}
) AS look ON look.tenant_id = tenant.tenant_id
ORDER BY tenantId
SETTINGS output_format_json_named_tuples_as_objects = 0`;
}

/** Every tenant's schedule. */
export const fleetSchedules = fleetQuery({
  name: "fleet.schedules",
  sql: statement(""),
  params: z.object({}),
  row,
  maxSeconds: 10,
});

/** One tenant's. */
export const tenantSchedule = tenantsQuery({
  name: "tenant.schedule",
  sql: statement(`WHERE ${OF_ASKED_TENANTS}`),
  row,
  maxSeconds: 10,
});

/** What of the tenant's state the standing depends on. */
export interface LoadedState {
  readonly loaded: boolean;
  /** When its newest run ended that took in what was there, ISO in UTC. */
  readonly tookInAt: string | null;
}

/** The newest look; null before the first. What a later run has taken in waits no longer. */
export function checkOf(schedule: ScheduleRow, { tookInAt }: LoadedState): ScheduleCheck | null {
  if (schedule.checkedAt === null) return null;
  const isTakenIn = tookInAt !== null && tookInAt > schedule.checkedAt;
  return {
    checkedAt: schedule.checkedAt,
    cause: schedule.cause === "event" ? "event" : "schedule",
    outcome: CHECK_OUTCOMES.find((one) => one === schedule.outcome) ?? "nothing_new",
    runId: schedule.runId ?? "",
    waiting: isTakenIn
      ? []
      : (schedule.waiting ?? []).map(([tableName, objects, bytes, oldestAt]) => ({
          tableName,
          objects,
          bytes,
          oldestAt,
        })),
    error: schedule.error ?? "",
  };
}

/** What the lists show of a schedule. Pure; `asOf` ISO in UTC. */
export function scheduleStanding(
  schedule: ScheduleRow,
  state: LoadedState,
  asOf: string,
): ScheduleStanding {
  const check = checkOf(schedule, state);
  const waiting = check?.waiting ?? [];
  return {
    paused: schedule.paused,
    priority: schedule.priority,
    schedule: scheduleWords(schedule),
    nextAt: state.loaded && !schedule.paused ? nextAt(schedule, Date.parse(asOf)) : null,
    checkedAt: check?.checkedAt ?? null,
    waitingObjects: waiting.reduce((sum, table) => sum + table.objects, 0),
    waitingBytes: waiting.reduce((sum, table) => sum + table.bytes, 0),
    oldestWaitingAt: waiting.map((table) => table.oldestAt).toSorted()[0] ?? null,
  };
}

/** The time that is due and not answered yet, or the next one. */
function nextAt(schedule: ScheduleRow, now: number): string | null {
  const answered = schedule.slotAt === null ? 0 : Date.parse(schedule.slotAt);
  const after = Math.max(answered, Date.parse(schedule.since));
  const at =
    latestTime(schedule.tenantId, schedule, after, now) ??
    nextTimes(schedule.tenantId, schedule, Math.max(now, after), 1)[0];
  return at === undefined ? null : new Date(at).toISOString();
}
