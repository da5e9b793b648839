import { allEnded } from "@/server/all-ended";

import { RejectThresholdError, auditStage, recordAudit } from "./audit";
import type { Batch } from "./batches";
import { type RowCounts, ledgerDifference } from "./count";
import { writeDeadObjects } from "./dead-objects";
import { mendedObjects, overlayMends } from "./mends";
import { createMergeTables, mergeBatch } from "./merge-batch";
import type { ObjectRows, PreparedBatch } from "./prepared-batch";
import type { Reporter } from "./reporter";
import { type OnStatement } from "./stage-batch";
import { judgeExtracts, stageWhole } from "./stage-whole";
import type { StagedObject } from "./staged-objects";
import { readState } from "./table-state";
import { type TableWork, naming, placeOf } from "./table-work";

/** Rows were lost or counted twice between reading and publishing; nothing was published. */
export class UnbalancedError extends Error {
  constructor(
    readonly counts: RowCounts,
    readonly difference: number,
  ) {
    super(
      `The row ledger does not balance: read ${counts.read}, accounted ${counts.read - difference}. ` +
        `Difference ${difference}, publish held.`,
    );
    this.name = "UnbalancedError";
  }
}

/** A batch to prepare. */
export interface BatchInput extends Batch {
  readonly number: number;
  /** Extracts counted before this batch, ms UTC. */
  readonly countedExtracts: readonly number[];
  readonly onStatement?: OnStatement;
  /** The publish may never come: validation results and dead letters are written then, and not now. */
  readonly defersAudit?: boolean;
}

export interface RejectLimits {
  readonly rejectThresholdPercent: number;
  readonly rejectMinimumRows: number;
}

/**
 * The first half of a batch's work: stage → audit → merge. It leaves the run's staging tables and returns what
 * {@link publishBatch} needs to publish them; no table that anybody reads is changed.
 *
 * @throws RejectThresholdError (the rejected rows are dead letters then), UnbalancedError, ClickHouseError
 */
export async function prepareBatch(
  work: TableWork,
  mode: "bulk" | "incremental",
  reporter: Reporter,
  limits: RejectLimits,
  batch: BatchInput,
): Promise<PreparedBatch> {
  const started = performance.now();
  const { staged, rows, dead, mended, found, before } = await reporter.step(
    "stage",
    batch.number,
    async () => {
      const [whole, mended, before] = await allEnded([
        stageWhole(work, batch.objects, batch.onStatement),
        mendedObjects(work),
        readState(work),
        createMergeTables(work, mode),
      ]);
      const laid = await overlayMends(work, whole.staged, mended);
      // Mended observations stand beside their rejected records: what is staged is counted anew.
      const found = laid > 0 ? undefined : whole.found;
      return { ...whole, rows: whole.rows + laid, mended: laid, found, before };
    },
  );
  if (batch.defersAudit !== true) await writeDeadObjects(work.db, placeOf(work), dead);
  for (const object of dead) {
    reporter.event("error", "object_failed", `${object.key}: ${object.message}`, {
      key: object.key,
    });
  }

  const { audit, isAuditRecorded, recording } = await reporter.step(
    "audit",
    batch.number,
    async () => {
      const totals = await auditStage(work, mended, found);
      const isRefused =
        totals.read >= limits.rejectMinimumRows &&
        totals.rejected > (totals.read * limits.rejectThresholdPercent) / 100;
      const isRecorded = isRefused || batch.defersAudit !== true;
      const recording = isRecorded ? recordAudit(work, batch.number, totals) : Promise.resolve();
      // Where nothing is rejected it is awaited beside the merge.
      if (totals.rejected > 0) await recording;
      recording.catch(() => undefined);
      if (isRefused) {
        throw new RejectThresholdError(totals.rejected, totals.read, limits.rejectThresholdPercent);
      }
      return { audit: totals, isAuditRecorded: isRecorded, recording };
    },
  );
  if (audit.rejected > 0) {
    reporter.event(
      "warn",
      "rows_rejected",
      `${audit.rejected} of ${audit.read} rows ${isAuditRecorded ? "to dead letters" : "are rejected"}`,
    );
  }
  const extracts = judgeExtracts(batch, dead, audit.blindExtracts);
  for (const at of extracts.blind) {
    reporter.event(
      "error",
      "extract_blind",
      `Extract ${new Date(at).toISOString()} lists records whose id cannot be read; what it does not list is not taken for deleted.`,
    );
  }

  const isSettled = before?.is_settled === true;
  const named =
    found === undefined
      ? work
      : naming(
          work,
          found.map(({ source_object }) => source_object),
        );
  const [merged] = await allEnded([
    reporter.step("merge", batch.number, () =>
      mergeBatch(named, {
        mode,
        stagedRows: rows,
        countedExtracts: batch.countedExtracts,
        newExtracts: extracts.counted,
        isSettled,
        before,
      }),
    ),
    recording,
  ]);
  const counts: RowCounts = { ...merged.counts, read: audit.read, rejected: audit.rejected };
  const difference = ledgerDifference(counts);
  if (difference !== 0) throw new UnbalancedError(counts, difference);

  // The walk of the last cut alone cannot tell.
  const isForAll = mode === "bulk" || merged.cuts > 1 || !isSettled;
  return {
    number: batch.number,
    mode,
    objects: [...batch.objects],
    staged: [...staged],
    ...(found === undefined ? {} : { objectRows: found.map(rowsOf) }),
    dead: [...dead],
    stageRows: rows,
    deltaRows: merged.rows,
    counts,
    audit: { ...audit, blindExtracts: [...audit.blindExtracts] },
    isAuditRecorded,
    countedExtracts: extracts.counted,
    blindExtracts: extracts.blind,
    before: before ?? null,
    size: merged.size,
    ...(merged.fromCurrent ? { fromCurrent: true } : {}),
    // What was broken before may be in entities that this batch does not touch.
    isForAll: isForAll || (before?.invariants_broken.length ?? 0) > 0,
    seconds: (performance.now() - started) / 1000,
  };
}

function rowsOf({ source_object, read, rejected }: StagedObject): ObjectRows {
  return { key: source_object, read, rejected };
}
