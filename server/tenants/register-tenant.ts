import "server-only";
import { z } from "zod";
import { TenantId } from "@/lib/contracts/values";
import type { Db } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { AppError } from "@/server/errors";
import { inTurn } from "@/server/in-turn";
import { parseInput } from "@/server/parse-input";
import { findTenant, type Tenant } from "./find-tenant";
import { placeTenant } from "./placement";

export const FRESHNESS_TARGET_MINUTES = 30;
export const REJECT_THRESHOLD_PERCENT = 10;
export const REJECT_MINIMUM_ROWS = 100;

/** Whether the runtime knows a zone by this IANA name. */
export function isTimeZone(name: string): boolean {
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
  /** Where there are several servers: the one its tables are on, counted from 1. Default: the one with fewest tenants. */
  shard: z.number().int().min(1, "Servers are counted from 1.").optional(),
});

/**
 * Makes a tenant known, with the defaults: fresh within 30 minutes; a batch of 100 rows or more is not published when
 * more than 10 % of it is rejected; an increment every 15 minutes once it was loaded.
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
    if ((await findTenant(fleetOf(db), wanted.tenantId)) !== undefined)
      throw new AppError("conflict", `The tenant ${wanted.tenantId} is registered already.`);
    const { tenantId, shard } = wanted;
    const home = await placeTenant(db, tenantId, { shard, placedBy: createdBy });
    await home.insert("tenants", [
      {
        tenant_id: tenantId,
        name: wanted.name ?? tenantId,
        source_system: wanted.sourceSystem ?? "",
        time_zone: wanted.timeZone ?? "UTC",
        freshness_target_minutes: FRESHNESS_TARGET_MINUTES,
        reject_threshold_percent: REJECT_THRESHOLD_PERCENT,
        reject_minimum_rows: REJECT_MINIMUM_ROWS,
        created_at: new Date().toISOString(),
        created_by: createdBy,
        version: 1,
      },
    ]);
    const tenant = await findTenant(home, tenantId);
    if (tenant === undefined) throw new Error("A tenant that was registered is not there");
    return tenant;
  });
}
