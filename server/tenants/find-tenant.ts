import "server-only";
import { z } from "zod";
import { TenantId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { Priority, ScheduleKind } from "@/lib/contracts/tenant-settings";
import { zCount, zFlag, zInstant } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";

/** A tenant as registered. Times are ISO 8601 in UTC; `timeZone` is an IANA name. */
export const Tenant = z
  .object({
    tenant_id: z.string(),
    name: z.string(),
    source_system: z.string(),
    time_zone: z.string(),
    freshness_target_minutes: z.number(),
    reject_threshold_percent: z.number(),
    reject_minimum_rows: z.number(),
    created_at: zInstant,
    created_by: z.string(),
    version: zCount,
    schedule_kind: ScheduleKind,
    schedule_interval_minutes: z.number(),
    schedule_cron: z.string(),
    schedule_time_zone: z.string(),
    schedule_since: zInstant.nullable(),
    paused: zFlag,
    paused_by: z.string(),
    paused_at: zInstant.nullable(),
    pause_reason: z.string(),
    priority: Priority,
    tables_at_once: z.number(),
    delete_threshold_percent: z.number(),
    delete_minimum_records: z.number(),
  })
  .transform((row) => ({
    tenantId: row.tenant_id,
    name: row.name,
    sourceSystem: row.source_system,
    timeZone: row.time_zone,
    freshnessTargetMinutes: row.freshness_target_minutes,
    rejectThresholdPercent: row.reject_threshold_percent,
    rejectMinimumRows: row.reject_minimum_rows,
    createdAt: row.created_at,
    createdBy: row.created_by,
    version: row.version,
    schedule: {
      kind: row.schedule_kind,
      intervalMinutes: row.schedule_interval_minutes,
      cron: row.schedule_cron,
      timeZone: row.schedule_time_zone === "" ? row.time_zone : row.schedule_time_zone,
    },
    /** As it was set: '' is the tenant's own zone. */
    scheduleTimeZone: row.schedule_time_zone,
    /** Times of the schedule before it are not missed. */
    scheduleSince: row.schedule_since ?? row.created_at,
    paused: row.paused,
    pausedBy: row.paused_by,
    pausedAt: row.paused_at,
    pauseReason: row.pause_reason,
    priority: row.priority,
    /** Most tables of the tenant that are worked on at once. */
    tablesAtOnce: row.tables_at_once,
    /** A full extract that would delete so many records, and more than this share of the current ones, stops as a plan. */
    deleteThresholdPercent: row.delete_threshold_percent,
    deleteMinimumRecords: row.delete_minimum_records,
  }));
export type Tenant = z.output<typeof Tenant>;

/** The registered tenant, or undefined; an id that no tenant can have is simply not found. */
export async function findTenant(db: Db, tenantId: string): Promise<Tenant | undefined> {
  if (!TenantId.safeParse(tenantId).success) return undefined;
  return findById(db, tenantId);
}

const findById = gathered<string, Tenant | undefined>(
  async (db, tenantIds) => {
    const rows = await db.rows(
      {
        name: "tenants.find",
        sql: "SELECT * FROM tenants FINAL WHERE tenant_id IN {tenant_ids:Array(String)}",
        params: { tenant_ids: tenantIds },
      },
      Tenant,
    );
    return tenantIds.map((tenantId) => rows.find((row) => row.tenantId === tenantId));
  },
  // Every request of a tenant asks for it.
  { rests: true },
);
