import "server-only";
import { z } from "zod";
import { TenantId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { inTurn } from "@/server/in-turn";
import { parseInput } from "@/server/parse-input";
import { findTenant, type Tenant } from "./find-tenant";

export const FRESHNESS_TARGET_MINUTES = 30;
export const REJECT_THRESHOLD_PERCENT = 10;
export const REJECT_MINIMUM_ROWS = 100;

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    // The runtime knows no such zone, which is the answer.
    return false;
  }
}

const text = z
  .string()
  .trim()
  .max(200, "At most 200 characters.")
  .regex(/^[^\p{Cc}]*$/u, "No control characters.");

export const RegisterTenantInput = z.strictObject({
  tenantId: TenantId,
  /** What people call it. Default: the id. */
  name: text.min(1, "Give a name.").optional(),
  /** Such as `connectwise`; only shown. */
  sourceSystem: text.optional(),
  /** IANA name of the zone the tenant's business day is in. Default: UTC. */
  timeZone: z
    .string()
    .refine(isTimeZone, "This is not a time zone, such as Europe/Berlin.")
    .optional(),
});

/**
 * Makes a tenant known, with the defaults: fresh within 30 minutes; a batch of 100 rows or more is not published when
 * more than 10 % of it is rejected.
 *
 * @param input `createdBy` is the person or program that asks, for the record
 * @throws AppError `invalid-input`, or `conflict` when the id is taken
 */
export async function registerTenant(
  db: Db,
  input: z.input<typeof RegisterTenantInput> & { createdBy: string },
): Promise<Tenant> {
  const { createdBy, ...rest } = input;
  const wanted = parseInput(RegisterTenantInput, rest);
  return inTurn(`tenant:${wanted.tenantId}`, async () => {
    if ((await findTenant(db, wanted.tenantId)) !== undefined)
      throw new AppError("conflict", `The tenant ${wanted.tenantId} is registered already.`);
    const tenant: Tenant = {
      tenantId: wanted.tenantId,
      name: wanted.name ?? wanted.tenantId,
      sourceSystem: wanted.sourceSystem ?? "",
      timeZone: wanted.timeZone ?? "UTC",
      freshnessTargetMinutes: FRESHNESS_TARGET_MINUTES,
      rejectThresholdPercent: REJECT_THRESHOLD_PERCENT,
      rejectMinimumRows: REJECT_MINIMUM_ROWS,
      createdAt: new Date().toISOString(),
      createdBy,
      version: 1,
    };
    await db.insert("tenants", [
      {
        tenant_id: tenant.tenantId,
        name: tenant.name,
        source_system: tenant.sourceSystem,
        time_zone: tenant.timeZone,
        freshness_target_minutes: tenant.freshnessTargetMinutes,
        reject_threshold_percent: tenant.rejectThresholdPercent,
        reject_minimum_rows: tenant.rejectMinimumRows,
        created_at: tenant.createdAt,
        created_by: tenant.createdBy,
        version: tenant.version,
      },
    ]);
    return tenant;
  });
}
