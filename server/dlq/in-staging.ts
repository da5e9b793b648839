import "server-only";
import { ulid } from "ulid";
import type { Entity } from "@/lib/catalog";
import { takeLease } from "@/server/runs/lease";
import { dropStaging } from "@/server/scd2/drop-staging";
import type { TableWork } from "@/server/scd2/table-work";
import type { TenantScope } from "@/server/tenant-scope";
import type { DryContext } from "./dry-run";

/**
 * Does something in staging tables that nobody else has, and drops them. A lease of its own keeps those who clear up after
 * dead processes away from them, and lets them in where this one dies.
 */
export async function inStaging<T>(
  { db, store, maxMemoryBytes }: DryContext,
  scope: TenantScope,
  entity: Entity,
  act: (work: TableWork) => Promise<T>,
): Promise<T> {
  const runId = ulid();
  const taken = await takeLease(db, `dry-run/${runId}`, runId);
  if (!("lease" in taken)) throw new Error("A lease that nobody else can name is taken");
  const work: TableWork = {
    db,
    store,
    entity,
    tenantId: scope.tenantId,
    runId,
    token: taken.lease.token,
    maxMemoryBytes,
  };
  try {
    return await act(work);
  } finally {
    await taken.lease.release(async () => dropStaging(work));
  }
}
