"use server";

import type { ActionResult } from "@/lib/contracts/problem";
import type { LoadMode } from "@/lib/contracts/values";
import { act } from "@/server/pipeline/act";
import { cancelRunOperation } from "@/server/pipeline/operations/cancel-run";
import { startRunOperation } from "@/server/pipeline/operations/start-run";

/**
 * Queues a bulk load or an increment of a tenant; no `tables` means all of them. The tenant is a wish: the pipeline finds
 * out whether the person may.
 */
export async function startRunAction(
  tenantId: string,
  mode: LoadMode,
  tables?: string[],
): Promise<ActionResult<{ runId: string }>> {
  return act(startRunOperation("console"), {
    tenantId,
    mode,
    ...(tables === undefined ? {} : { tables }),
  });
}

/** Asks a run to stop. */
export async function cancelRunAction(runId: string): Promise<ActionResult<{ runId: string }>> {
  return act(cancelRunOperation, { runId });
}
