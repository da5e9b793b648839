import { recordAudit } from "./audit";
import { supersedeDeadLetters, writeDeadObjects } from "./dead-objects";
import { INVARIANTS, type Violation, checkInvariants } from "./invariants";
import { closeMended } from "./mends";
import { dropOthersFromLedger, writeLedger } from "./object-ledger";
import type { PreparedBatch } from "./prepared-batch";
import { confirmStaging, mergeParts, publish } from "./publish";
import type { Reporter } from "./reporter";
import { unsettleState, writeState } from "./table-state";
import { type TableWork, placeOf, sized } from "./table-work";
import { measureWatermark } from "./watermark";

/**
 * The second half of a batch's work: publish → ledger → verify, of what {@link prepareBatch} left in the staging tables
 * that `work` names. Doing it again after a crash gives the same rows.
 *
 * @returns the invariants that do not hold
 * @throws what `mayPublish` throws, before anything is published; ClickHouseError
 */
export async function publishBatch(
  work: TableWork,
  reporter: Reporter,
  batch: PreparedBatch,
): Promise<Violation[]> {
  const started = performance.now();
  const { mode, before, counts } = batch;
  // What is published must get its ledger, whoever would stop the run by then.
  const published: TableWork = { ...work, signal: undefined };
  const unsettled = await reporter.step("publish", batch.number, async () => {
    await Promise.all([
      reporter.mayPublish(),
      confirmStaging(work, { stage: batch.stageRows, delta: batch.deltaRows }),
    ]);
    const begun = await unsettleState(work);
    await publish(work, mode, { stage: batch.stageRows, delta: batch.deltaRows });
    return begun;
  });

  await reporter.step("ledger", batch.number, async () => {
    if (!batch.isAuditRecorded) {
      await writeDeadObjects(work.db, placeOf(work), batch.dead);
      await recordAudit(published, batch.number, batch.audit);
    }
    const failures = new Map(batch.dead.map((failure) => [failure.key, failure]));
    await writeLedger(published, {
      batch: batch.number,
      seconds: batch.seconds + (performance.now() - started) / 1000,
      counts,
      objects: batch.staged,
      dead: batch.objects.flatMap((object) => {
        const failure = failures.get(object.key);
        return failure ? [{ object, failure }] : [];
      }),
      countedExtracts: batch.countedExtracts,
      blindExtracts: batch.blindExtracts,
      mended: batch.audit.mended,
      ...(batch.objectRows === undefined ? {} : { objectRows: batch.objectRows }),
    });
    if (batch.audit.mended > 0) await closeMended(published);
    if (mode === "bulk") {
      await Promise.all([
        dropOthersFromLedger(published),
        supersedeDeadLetters(work.db, placeOf(work)),
      ]);
    }
  });

  const violations = await reporter.step("verify", batch.number, async () => {
    const [found] = await Promise.all([
      checkInvariants(
        {
          ...sized(published, batch.stageRows, batch.size.versions),
          ...(batch.fromCurrent === true ? { fromCurrent: batch.fromCurrent } : {}),
        },
        mode === "bulk" ? "replaced" : batch.isForAll ? "all" : "touched",
        batch.size.versions,
      ),
      mergeParts(published),
    ]);
    const { watermark } = batch.audit;
    // A publish that broke off can have left newer observations in the log than anybody wrote down.
    const known =
      before?.is_settled === false ? await measureWatermark(published) : before?.watermark;
    const { newestObjectAt } = unsettled;
    await writeState(published, unsettled, {
      size: batch.size,
      watermark: mode === "bulk" ? watermark : latest(known ?? null, watermark),
      invariants: {
        checked: INVARIANTS.length,
        broken: found.map((violation) => violation.invariant),
      },
      ...(mode === "incremental" && newestObjectAt !== undefined
        ? { newestObjectAt: newestOf(newestObjectAt, batch.staged) }
        : {}),
    });
    return found;
  });
  reporter.event(
    violations.length === 0 ? "info" : "error",
    "batch_published",
    violations.length === 0
      ? `Batch ${batch.number}: ${counts.read} rows read, ${batch.deltaRows} version rows published, ledger balances, ${INVARIANTS.length} of ${INVARIANTS.length} invariants hold`
      : `Batch ${batch.number}: ${violations.map((violation) => `${violation.invariant} broken for ${violation.entities} entities`).join("; ")}`,
    { counts, violations },
  );
  return violations;
}

/** Stamps in ms UTC. */
function newestOf(known: number | null, objects: PreparedBatch["staged"]): number | null {
  return objects.reduce<number | null>((newest, { stamp }) => latest(newest, stamp), known);
}

function latest(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
