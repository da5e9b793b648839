import { type Rule, rulesOf } from "@/lib/catalog";
import { insertTogether } from "@/server/clickhouse/insert-together";

import { fingerprintOf } from "./fingerprint";
import { isMended } from "./mends";
import { literal } from "./sql-text";
import { type StagedObject, readStaged } from "./staged-objects";
import { type TableWork, stagingTables } from "./table-work";

const SAMPLES = 5;

/** More of a batch was rejected than the tenant allows; nothing of it was published. */
export class RejectThresholdError extends Error {
  constructor(
    readonly rejected: number,
    readonly read: number,
    readonly thresholdPercent: number,
  ) {
    const share = ((rejected / read) * 100).toFixed(1);
    super(
      `${share} % of the rows were rejected (${rejected} of ${read}), the threshold is ${thresholdPercent} %. ` +
        `Nothing was published. Mend the records at the source, or raise the tenant's threshold, and load again.`,
    );
    this.name = "RejectThresholdError";
  }
}

/** A version number for append-only rows: microseconds since the epoch, later is greater. */
const NOW_VERSION = "toUInt64(toUnixTimestamp64Micro(now64(6)))";

/** What a staged batch is by the rules. */
export interface AuditTotals {
  /** Records read. */
  readonly read: number;
  readonly rejected: number;
  /** Extracts with rejected rows that have no readable id, ms UTC. */
  readonly blindExtracts: readonly number[];
  /** The greatest time observed, ms UTC; null where nothing was. */
  readonly watermark: number | null;
  /** Rejected records behind which the observation that mends them is staged too; in none of the counts above. */
  readonly mended: number;
}

/**
 * Counts what the staged batch breaks; {@link recordAudit} writes it down.
 *
 * @param mended mended observations that were staged beside their rejected records
 * @param staged what is staged, where that was read already
 */
export async function auditStage(
  work: TableWork,
  mended: number,
  staged?: readonly StagedObject[],
): Promise<AuditTotals> {
  const objects = staged ?? (await readStaged(work));
  const sum = (count: (object: StagedObject) => number): number =>
    objects.reduce((total, object) => total + count(object), 0);
  return {
    read: sum(({ read }) => read) - mended,
    rejected: sum(({ rejected }) => rejected) - mended,
    blindExtracts: [...new Set(objects.flatMap(({ blind }) => blind))],
    watermark: objects.reduce<number | null>(
      (latest, { watermark }) =>
        watermark === null || (latest !== null && latest > watermark) ? latest : watermark,
      null,
    ),
    mended,
  };
}

/**
 * Step 3: what the staged batch breaks, per rule, into validation_results, and its rejected rows into dead
 * letters. A record met again keeps its dead letter and counts an attempt.
 */
export async function recordAudit(
  work: TableWork,
  batch: number,
  totals: AuditTotals,
): Promise<void> {
  await Promise.all([
    recordResults(work, batch, totals),
    totals.rejected > 0 && recordRejects(work, totals),
  ]);
}

/** What the staged batch breaks, per rule, into validation_results. */
export async function recordResults(
  work: TableWork,
  batch: number,
  totals: AuditTotals,
): Promise<void> {
  const { entity } = work;
  const checks: { rule: Rule; field: string }[] = [
    { rule: "json", field: "" },
    { rule: "encoding", field: "" },
    { rule: "required", field: entity.idColumn },
    { rule: "datetime", field: "last_updated" },
    ...entity.columns.flatMap((column) =>
      rulesOf(column).map((rule) => ({ rule, field: column.name })),
    ),
  ];
  if (totals.rejected === 0) {
    const at = new Date().toISOString();
    const version = String(BigInt(Date.now()) * 1000n);
    const place = { run_id: work.runId, tenant_id: work.tenantId, table_name: entity.name, batch };
    const checked = { checked: totals.read, failed: 0, samples: [], at, version };
    const rows = checks.map((check) => ({ ...place, ...check, ...checked }));
    await insertTogether(work.db, "validation_results", rows, "scd2.audit.results");
    return;
  }
  const pairs = checks.map(({ rule, field }) => `(${literal(rule)}, ${literal(field)})`);
  await work.db.command({
    name: "scd2.audit.results",
    signal: work.signal,
    params: {
      run_id: work.runId,
      tenant_id: work.tenantId,
      table_name: entity.name,
      batch,
      read: totals.read,
    },
    sql: `INSERT INTO validation_results
SELECT {run_id:String}, {tenant_id:String}, {table_name:String}, {batch:UInt32}, checks.rule, checks.field,
  {read:UInt64}, failures.failed, failures.samples, now64(3), ${NOW_VERSION}
FROM (SELECT check.1 AS rule, check.2 AS field FROM (SELECT arrayJoin([${pairs.join(", ")}]) AS check)) AS checks
LEFT JOIN (
  SELECT error.rule AS rule, error.field AS field, count() AS failed,
    groupArray(${SAMPLES})((source_object, source_row, ${entity.idColumn}, error.value, error.message)) AS samples
  FROM (${rejects(work, totals)}) ARRAY JOIN errors AS error
  GROUP BY rule, field
) AS failures ON checks.rule = failures.rule AND checks.field = failures.field`,
  });
}

/** The rejected rows of the batch, as a SELECT; its parameters are `tenant_id` and `table_name`. */
function rejects(work: TableWork, totals: AuditTotals): string {
  const mended = totals.mended > 0 ? ` AND NOT ${isMended(work)}` : "";
  return `SELECT * FROM ${stagingTables(work).stage} WHERE kind = 'rejected'${mended}`;
}

async function recordRejects(work: TableWork, totals: AuditTotals): Promise<void> {
  const { entity } = work;
  await work.db.command({
    name: "scd2.audit.dead-letters",
    signal: work.signal,
    params: { run_id: work.runId, tenant_id: work.tenantId, table_name: entity.name },
    sql: `INSERT INTO dead_letters (
  dead_letter_id, tenant_id, table_name, kind, run_id, object_key, source_row, entity_id, raw, errors, fingerprint, cause,
  first_seen, last_seen, attempts, replays, draft, status, resolved_by, resolved_at, resolution, version)
SELECT
  lower(hex(xxh3_128({tenant_id:String}, {table_name:String}, rejected.source_object, rejected.source_row))) AS dead_letter_id,
  {tenant_id:String}, {table_name:String}, 'record', {run_id:String}, source_object, source_row, ${entity.idColumn}, raw, errors,
  ${fingerprintOf("{table_name:String}", "errors[1]")},
  trimLeft(concat(errors[1].field, ' ', errors[1].message)),
  if(known.attempts = 0, now64(3), known.first_seen), now64(3),
  -- The same run meets a record again when it resumes; that is no further attempt.
  known.attempts + if(known.run_id = {run_id:String}, 0, 1),
  known.replays, known.draft,
  if(known.status = 'discarded', 'discarded', 'open'),
  if(known.status = 'replayed', '', known.resolved_by), if(known.status = 'replayed', NULL, known.resolved_at),
  if(known.status = 'replayed', '', known.resolution), ${NOW_VERSION}
FROM (${rejects(work, totals)}) AS rejected
LEFT JOIN (
  SELECT dead_letter_id AS known_id, run_id, first_seen, attempts, replays, draft, status, resolved_by, resolved_at, resolution
  FROM dead_letters FINAL
  WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND kind = 'record'
) AS known ON known.known_id = dead_letter_id`,
  });
}
