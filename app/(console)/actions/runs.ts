"use server";

import type { ActionResult } from "@/lib/contracts/problem";
import type { LoadMode } from "@/lib/contracts/values";
import { act } from "@/server/pipeline/act";
import { cancelRunOperation } from "@/server/pipeline/operations/cancel-run";
import { applyRunOperation, rejectRunOperation } from "@/server/pipeline/operations/decide-run";
import { redriveRunOperation } from "@/server/pipeline/operations/run-execution";
import { startRunOperation } from "@/server/pipeline/operations/start-run";

/**
 * Queues a bulk load or an increment of a tenant; no `tables` means all of them. The tenant is a wish: the pipeline finds
 * out whether the person may.
 *
 * @param plan stops it before it publishes, to show what it would do
 */
export async function startRunAction(
  tenantId: string,
  mode: LoadMode,
  tables?: string[],
  plan = false,
): Promise<ActionResult<{ runId: string }>> {
  return act(startRunOperation("console"), {
    tenantId,
    mode,
    ...(tables === undefined ? {} : { tables }),
    ...(plan ? { plan } : {}),
  });
}

/** Asks a run to stop. */
export async function cancelRunAction(runId: string): Promise<ActionResult<{ runId: string }>> {
  return act(cancelRunOperation, { runId });
}

/** Lets the dead execution of a run go on from the state that failed. */
export async function redriveRunAction(runId: string): Promise<ActionResult<{ runId: string }>> {
  return act(redriveRunOperation, { runId });
}

/** Publishes what a run has planned; a conflict says what has changed since, and the run is planned anew. */
export async function applyRunAction(runId: string): Promise<ActionResult<{ runId: string }>> {
  return act(applyRunOperation, { runId });
}

/** Drops what a run has planned. */
export async function rejectRunAction(
  runId: string,
  reason: string,
): Promise<ActionResult<{ runId: string }>> {
  return act(rejectRunOperation, { runId, reason });
}
