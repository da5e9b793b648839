import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";
import { insertTogether } from "@/server/clickhouse/insert-together";

import type { RowCounts } from "./count";
import type { DeadObject } from "./dead-objects";
import { isMended } from "./mends";
import type { ObjectRows } from "./prepared-batch";
import type { BatchObject } from "./stage";
import { IN_PLACES, InPlace, type TablePlace, isAt, placesParams } from "./table-place";
import { type TableWork, placeOf, stagingTables } from "./table-work";

/** A batch that was published, for the ledger. */
export interface PublishedBatch {
  readonly batch: number;
  readonly seconds: number;
  readonly counts: RowCounts;
  readonly objects: readonly BatchObject[];
  readonly dead: readonly { readonly object: BatchObject; readonly failure: DeadObject }[];
  /** ms UTC. */
  readonly countedExtracts: readonly number[];
  readonly blindExtracts: readonly number[];
  /** Rejected records that are staged mended too. */
  readonly mended: number;
  /** Absent where the staging table is to be asked. */
  readonly objectRows?: readonly ObjectRows[];
}

const version = (): string => String(BigInt(Date.now()) * 1000n);
const time = (ms: number): string => new Date(ms).toISOString();

/**
 * Step 6: marks what a published batch took in. The batch's row goes first: until its objects are marked,
 * the same run does the batch again under the same number. The extracts go last: one that is not marked is counted again,
 * from the log.
 */
export async function writeLedger(work: TableWork, published: PublishedBatch): Promise<void> {
  const place = { tenant_id: work.tenantId, table_name: work.entity.name, run_id: work.runId };
  const now = time(Date.now());
  const insertion = insertTogether(work.db, "batches", [
    {
      ...place,
      ...published.counts,
      batch: published.batch,
      published_at: now,
      seconds: published.seconds,
      objects: published.objects.length,
      bytes: published.objects.reduce((sum, object) => sum + object.bytes, 0),
      version: version(),
    },
  ]);
  const [staged] = await Promise.all([
    published.objectRows ?? readRows(work, published.mended),
    insertion,
  ]);
  const rowsOf = new Map(staged.map((row) => [row.key, row]));
  const ledgerRow = (object: BatchObject, status: string, error: string): object => ({
    ...place,
    object_key: object.key,
    etag: object.etag,
    bytes: object.bytes,
    last_modified: time(object.lastModified),
    stamp: time(object.stamp),
    extract_at: object.extractAt === undefined ? null : time(object.extractAt),
    status,
    batch: published.batch,
    read: rowsOf.get(object.key)?.read ?? 0,
    rejected: rowsOf.get(object.key)?.rejected ?? 0,
    finished_at: now,
    error,
    version: version(),
  });
  const extractRow = (status: string) => (at: number) => ({
    ...place,
    extract_at: time(at),
    status,
    batch: published.batch,
    version: version(),
  });
  await insertTogether(work.db, "objects", [
    ...published.objects.map((object) => ledgerRow(object, "done", "") as Record<string, unknown>),
    ...published.dead.map(
      ({ object, failure }) =>
        ledgerRow(object, "failed", `${failure.cause}: ${failure.message}`) as Record<
          string,
          unknown
        >,
    ),
  ]);
  await insertTogether(work.db, "extracts", [
    ...published.countedExtracts.map(extractRow("counted")),
    ...published.blindExtracts.map(extractRow("blind")),
  ]);
}

async function readRows(work: TableWork, mended: number): Promise<ObjectRows[]> {
  return work.db.rows(
    {
      name: "scd2.ledger.objects",
      sql: `SELECT source_object AS key, count() AS read, countIf(kind = 'rejected') AS rejected
FROM ${stagingTables(work).stage}${mended > 0 ? ` WHERE NOT ${isMended(work)}` : ""} GROUP BY source_object`,
      params: { tenant_id: work.tenantId, table_name: work.entity.name },
    },
    z.object({ key: z.string(), read: zCount, rejected: zCount }),
  );
}

/** After a bulk load: what the ledger has of objects and extracts that this run did not take in is dropped. */
export async function dropOthersFromLedger(work: TableWork): Promise<void> {
  await Promise.all(
    ["objects", "extracts"].map((table) =>
      work.db.command({
        name: `scd2.ledger.drop-${table}`,
        params: { tenant_id: work.tenantId, table_name: work.entity.name, run_id: work.runId },
        sql: `INSERT INTO ${table}
SELECT * REPLACE ('dropped' AS status, toUInt64(toUnixTimestamp64Micro(now64(6))) AS version)
FROM ${table} FINAL
-- The bare name would be the new status.
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND run_id != {run_id:String} AND ${table}.status != 'dropped'`,
      }),
    ),
  );
}

/** The number of the next batch of a run's table: batches whose objects are marked are behind it. */
export async function nextBatch(work: TableWork): Promise<number> {
  return findNext(work.db, placeOf(work));
}

const findNext = gathered<TablePlace & { readonly runId: string }, number>(async (db, places) => {
  const mine = `${IN_PLACES} AND run_id IN {run_ids:Array(String)}`;
  const rows = await db.rows(
    {
      name: "scd2.ledger.next-batch",
      params: { ...placesParams(places), run_ids: places.map(({ runId }) => runId) },
      sql: `SELECT tenant_id, table_name, run_id, max(batch) AS last FROM (
  SELECT tenant_id, table_name, run_id, batch FROM objects FINAL WHERE ${mine}
  UNION ALL
  SELECT tenant_id, table_name, run_id, batch FROM extracts FINAL WHERE ${mine})
GROUP BY tenant_id, table_name, run_id`,
    },
    InPlace.extend({ run_id: z.string(), last: zCount }),
  );
  return places.map((place) => {
    const mine = rows.find((row) => isAt(place, row) && row.run_id === place.runId);
    return (mine?.last ?? 0) + 1;
  });
});
