"use server";

import type { DeadLetterSelection, DryRunReply, ReplayReply } from "@/lib/contracts/dlq-commands";
import type { DeadLetterKind, DeadLetterStatus } from "@/lib/contracts/dlq";
import type { ActionResult } from "@/lib/contracts/problem";
import type { RecordEdit } from "@/lib/record/apply-edit";
import { act } from "@/server/pipeline/act";
import {
  discardOperation,
  dryRunOperation,
  freezeDeadLettersOperation,
  replayOperation,
  retentionOperation,
} from "@/server/pipeline/operations/dead-letters";

/** Either ids, or a selection that was frozen before. */
type Chosen = { ids: string[] } | { selectionId: string };

/** Freezes what a filter matches now, and counts it. */
export async function freezeDeadLettersAction(
  tenantId: string,
  filter: {
    status?: DeadLetterStatus | "any";
    table?: string;
    kind?: DeadLetterKind;
    fingerprint?: string;
  },
): Promise<ActionResult<DeadLetterSelection>> {
  return act(freezeDeadLettersOperation, { tenantId, ...filter });
}

/** Says what a replay would do, without writing. */
export async function dryRunAction(
  tenantId: string,
  chosen: Chosen,
  edit: RecordEdit,
): Promise<ActionResult<DryRunReply>> {
  return act(dryRunOperation, { tenantId, ...chosen, edit });
}

/** Replays dead letters, edited or as they came. */
export async function replayAction(
  tenantId: string,
  chosen: Chosen,
  edit: RecordEdit,
  reason: string,
): Promise<ActionResult<ReplayReply>> {
  return act(replayOperation("console"), { tenantId, ...chosen, edit, reason });
}

/** Discards open dead letters, with a reason. */
export async function discardAction(
  tenantId: string,
  chosen: Chosen,
  reason: string,
): Promise<ActionResult<{ discarded: number }>> {
  return act(discardOperation, { tenantId, ...chosen, reason });
}

/** Sets how many days closed dead letters are kept; what is no number is refused with the field's own words. */
export async function setRetentionAction(
  tenantId: string,
  days: number | string,
): Promise<ActionResult<{ before: number; days: number }>> {
  return act(retentionOperation, { tenantId, days });
}
