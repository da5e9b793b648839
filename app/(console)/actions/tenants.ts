"use server";

import type { ActionResult } from "@/lib/contracts/problem";
import type { SettingsChanged } from "@/lib/contracts/tenant-settings";
import { act } from "@/server/pipeline/act";
import {
  pauseTenantOperation,
  resumeTenantOperation,
  setTenantOperation,
} from "@/server/pipeline/operations/tenant-settings";

/** Changes what is named of a tenant's settings; what is in `wanted` is checked by the pipeline. */
export async function setTenantAction(
  tenantId: string,
  wanted: Readonly<Record<string, string | number>>,
): Promise<ActionResult<SettingsChanged>> {
  return act(setTenantOperation, { ...wanted, tenantId });
}

/** Lets nothing of a tenant start by itself. */
export async function pauseTenantAction(
  tenantId: string,
  reason: string,
): Promise<ActionResult<SettingsChanged>> {
  return act(pauseTenantOperation, { tenantId, reason });
}

/** Lets a tenant's increments start by themselves again. */
export async function resumeTenantAction(tenantId: string): Promise<ActionResult<SettingsChanged>> {
  return act(resumeTenantOperation, { tenantId });
}
