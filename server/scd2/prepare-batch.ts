import { RejectThresholdError, auditStage, recordAudit } from "./audit";
import type { Batch } from "./batches";
import { type RowCounts, ledgerDifference } from "./count";
import { writeDeadObjects } from "./dead-objects";
import { mendedObjects, overlayMends } from "./mends";
import { mergeBatch } from "./merge-batch";
import type { PreparedBatch } from "./prepared-batch";
import type { Reporter } from "./reporter";
import { type OnStatement } from "./stage-batch";
import { judgeExtracts, stageWhole } from "./stage-whole";
import { readState } from "./table-state";
import { type TableWork, placeOf } from "./table-work";

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
  const { staged, rows, dead, mended } = await reporter.step("stage", batch.number, async () => {
    const [whole, mended] = await Promise.all([
      stageWhole(work, batch.objects, batch.onStatement),
      mendedObjects(work),
    ]);
    const laid = await overlayMends(work, whole.staged, mended);
    return { ...whole, rows: whole.rows + laid, mended: laid };
  });
  if (batch.defersAudit !== true) await writeDeadObjects(work.db, placeOf(work), dead);
  for (const object of dead) {
    reporter.event("error", "object_failed", `${object.key}: ${object.message}`, {
      key: object.key,
    });
  }

  const { audit, isAuditRecorded, before } = await reporter.step(
    "audit",
    batch.number,
    async () => {
      const [totals, state] = await Promise.all([auditStage(work, mended), readState(work)]);
      const isRefused =
        totals.read >= limits.rejectMinimumRows &&
        totals.rejected > (totals.read * limits.rejectThresholdPercent) / 100;
      const isRecorded = isRefused || batch.defersAudit !== true;
      if (isRecorded) await recordAudit(work, batch.number, totals);
      if (isRefused) {
        throw new RejectThresholdError(totals.rejected, totals.read, limits.rejectThresholdPercent);
      }
      return { audit: totals, isAuditRecorded: isRecorded, before: state };
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
  const merged = await reporter.step("merge", batch.number, () =>
    mergeBatch(work, {
      mode,
      stagedRows: rows,
      countedExtracts: batch.countedExtracts,
      newExtracts: extracts.counted,
      isSettled,
      before,
    }),
  );
  const counts: RowCounts = { ...merged.counts, read: audit.read, rejected: audit.rejected };
  const difference = ledgerDifference(counts);
  if (difference !== 0) throw new UnbalancedError(counts, difference);

  // The walk of the last cut alone cannot tell.
  const isForAll = mode === "bulk" || merged.cuts > 1 || !isSettled;
  return {
    number: batch.number,
    mode,
    objects: [...batch.objects],
    staged,
    dead,
    stageRows: rows,
    deltaRows: merged.rows,
    counts,
    audit: { ...audit, blindExtracts: [...audit.blindExtracts] },
    isAuditRecorded,
    countedExtracts: extracts.counted,
    blindExtracts: extracts.blind,
    before: before ?? null,
    size: merged.size,
    // What was broken before may be in entities that this batch does not touch.
    isForAll: isForAll || (before?.invariants_broken.length ?? 0) > 0,
    seconds: (performance.now() - started) / 1000,
  };
}
