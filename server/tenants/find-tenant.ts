import "server-only";
import { z } from "zod";
import { TenantId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { zCount, zInstant } from "@/server/clickhouse/columns";

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
  }));
export type Tenant = z.output<typeof Tenant>;

/** The registered tenant, or undefined; an id that no tenant can have is simply not found. */
export async function findTenant(db: Db, tenantId: string): Promise<Tenant | undefined> {
  if (!TenantId.safeParse(tenantId).success) return undefined;
  return db.maybeRow(
    {
      name: "tenants.find",
      sql: "SELECT * FROM tenants FINAL WHERE tenant_id = {tenantId:String}",
      params: { tenantId },
    },
    Tenant,
  );
}
