import { z } from "zod";

import { latestTime, type Schedule } from "@/lib/schedule";
import type { Db } from "@/server/clickhouse/client";
import { zCount, zFlag } from "@/server/clickhouse/columns";

const Row = z
  .object({
    tenant_id: z.string(),
    schedule_kind: z.enum(["interval", "cron"]),
    schedule_interval_minutes: z.number(),
    schedule_cron: z.string(),
    time_zone: z.string(),
    since: zCount,
    paused: zFlag,
    answered: zCount,
    oddities: z.string(),
    is_loaded: zFlag,
    open_run: z.string(),
  })
  .transform((row) => ({
    tenantId: row.tenant_id,
    schedule: {
      kind: row.schedule_kind,
      intervalMinutes: row.schedule_interval_minutes,
      cron: row.schedule_cron,
      timeZone: row.time_zone,
    } satisfies Schedule,
    /** Times up to it, ms UTC, are answered or do not count. */
    after: Math.max(row.since, row.answered),
    paused: row.paused,
    /** Of the newest look (see Backlog). */
    oddities: row.oddities,
    /** Whether anything was ever published: before its bulk load nothing is scheduled. */
    isLoaded: row.is_loaded,
    /** A run that is queued or at work, or whose plan an increment would make stale; '' for none. */
    openRun: row.open_run,
  }));
/** A tenant as whoever starts increments sees it. */
export type ScheduledTenant = z.output<typeof Row>;

/**
 * The tenants with their schedules and what stands in the way of an increment.
 *
 * @param tenantId only this one
 */
export async function readScheduledTenants(db: Db, tenantId?: string): Promise<ScheduledTenant[]> {
  const only = tenantId === undefined ? "" : "WHERE tenant_id = {tenant_id:String}";
  return db.rows(
    {
      name: "schedules.tenants",
      params: tenantId === undefined ? {} : { tenant_id: tenantId },
      sql: `SELECT tenant.tenant_id AS tenant_id, tenant.schedule_kind AS schedule_kind,
  tenant.schedule_interval_minutes AS schedule_interval_minutes, tenant.schedule_cron AS schedule_cron,
  if(tenant.schedule_time_zone = '', tenant.time_zone, tenant.schedule_time_zone) AS time_zone,
  toUnixTimestamp64Milli(ifNull(tenant.schedule_since, tenant.created_at)) AS since, tenant.paused AS paused,
  ifNull(toUnixTimestamp64Milli(look.slot_at), 0) AS answered, look.oddities AS oddities,
  state.tables > 0 AS is_loaded, open.run_id AS open_run
FROM (SELECT * FROM tenants FINAL ${only}) AS tenant
LEFT JOIN (SELECT * FROM schedule_checks FINAL ${only}) AS look ON look.tenant_id = tenant.tenant_id
LEFT JOIN (SELECT tenant_id, uniqExact(table_name) AS tables FROM table_states ${only} GROUP BY tenant_id) AS state
  ON state.tenant_id = tenant.tenant_id
LEFT JOIN (
  SELECT tenant_id, max(run_id) AS run_id FROM runs FINAL
  WHERE status IN ('queued', 'running', 'retrying', 'stalled')
    -- An increment would make a plan stale that somebody asked for; one that waits for an extract stands apart.
    OR status = 'waiting_approval'
      -- The bare name would be the aggregate.
      AND runs.run_id IN (SELECT plans.run_id FROM plans FINAL WHERE plans.status = 'waiting' AND reason != 'extract')
  GROUP BY tenant_id
) AS open ON open.tenant_id = tenant.tenant_id
ORDER BY tenant_id`,
    },
    Row,
  );
}

/**
 * The time of the schedule that is to be answered now, or null. However many were missed, it is one: the newest.
 *
 * @param now ms UTC
 */
export function dueTime(tenant: ScheduledTenant, now: number): number | null {
  if (tenant.paused || !tenant.isLoaded) return null;
  return latestTime(tenant.tenantId, tenant.schedule, tenant.after, now);
}
