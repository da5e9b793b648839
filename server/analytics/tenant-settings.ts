import { z } from "zod";
import type { TenantSettingsReply } from "@/lib/contracts/tenant-settings";
import { nextTimes } from "@/lib/schedule";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { readRetention } from "@/server/dlq/retention";
import { AppError } from "@/server/errors";
import { homeReaderOf } from "@/server/tenants/placement";
import { findTenant } from "@/server/tenants/find-tenant";
import { settingsOf } from "@/server/tenants/settings";
import type { TenantScope } from "@/server/tenant-scope";
import { tenantTables } from "./fleet-tables";
import { zFlag, zInstant } from "./row-types";
import { checkOf, scheduleStanding, tenantSchedule } from "./schedule-standing";
import { loadedState } from "./tenant-standing";

const NEXT_TIMES = 3;
const SILENT_SECONDS = 45;

const scheduler = fleetQuery({
  name: "schedules.scheduler",
  sql: `
SELECT
    beat_at AS beatAt,
    landing,
    message,
    beat_at >= now64(3, 'UTC') - toIntervalSecond({silent:UInt32}) AS alive
FROM schedulers FINAL
ORDER BY beat_at DESC
LIMIT 1`,
  params: z.object({ silent: z.number().int() }),
  row: z.object({
    beatAt: zInstant,
    landing: z.enum(["watch", "listing", "off"]),
    message: z.string(),
    alive: zFlag,
  }),
  maxSeconds: 5,
});

/** A tenant's settings, how long its closed dead letters are kept, when its next increments are due, its newest look into the store, and who starts increments. */
export async function readTenantSettings(
  scope: TenantScope,
  db?: Db,
): Promise<TenantSettingsReply> {
  const reader = db ?? (await homeReaderOf(scope.tenantId));
  const [tenant, [schedule], tables, [says], retentionDays] = await Promise.all([
    findTenant(reader, scope.tenantId),
    tenantSchedule(scope, reader),
    tenantTables(scope, reader),
    scheduler({ silent: SILENT_SECONDS }, reader),
    readRetention(reader, scope),
  ]);
  if (tenant === undefined || schedule === undefined)
    throw new AppError("not-found", "There is no such tenant, or you cannot see it.");
  const asOf = new Date().toISOString();
  const state = loadedState(tables);
  const standing = scheduleStanding(schedule, state, asOf);
  const upcoming =
    standing.nextAt === null
      ? []
      : nextTimes(tenant.tenantId, tenant.schedule, Date.parse(asOf), NEXT_TIMES);
  return {
    asOf,
    settings: settingsOf(tenant),
    timeZone: tenant.timeZone,
    standing,
    loaded: state.loaded,
    retentionDays,
    nextTimes: upcoming.map((at) => new Date(at).toISOString()),
    check: checkOf(schedule, state),
    scheduler: says ?? null,
  };
}
