import { createHash } from "node:crypto";

import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

/** An object that could not be taken in, and why. */
export interface DeadObject {
  readonly key: string;
  readonly etag: string;
  /** A short fixed name: unreadable, vanished, replaced, denied, outside, unknown-table, blind-extract. */
  readonly cause: string;
  /** What is wrong and what to do, in words. */
  readonly message: string;
}

/**
 * Writes dead letters of kind `object`. The id is a hash of where the failure is, so an object that fails
 * again counts an attempt.
 */
export async function writeDeadObjects(
  db: Db,
  place: { readonly tenantId: string; readonly tableName: string; readonly runId: string },
  objects: readonly DeadObject[],
): Promise<void> {
  if (objects.length === 0) return;
  const ids = objects.map((object) =>
    digest(place.tenantId, place.tableName, "object", object.key, object.cause),
  );
  await db.command({
    name: "scd2.dead-objects",
    params: {
      tenant_id: place.tenantId,
      table_name: place.tableName,
      run_id: place.runId,
      ids,
      keys: objects.map((object) => object.key),
      etags: objects.map((object) => object.etag),
      causes: objects.map((object) => object.cause),
      messages: objects.map((object) => object.message),
      fingerprints: objects.map((object) => digest(place.tableName, object.cause).slice(0, 16)),
    },
    sql: `INSERT INTO dead_letters (
  dead_letter_id, tenant_id, table_name, kind, run_id, object_key, etag, source_row, entity_id, raw, errors, fingerprint, cause,
  first_seen, last_seen, attempts, status, resolved_by, resolved_at, resolution, version)
SELECT id, {tenant_id:String}, {table_name:String}, 'object', {run_id:String}, key, etag, 0, '', '',
  [('', cause, message, '')], fingerprint, concat('object ', cause),
  if(known.attempts = 0, now64(3), known.first_seen), now64(3),
  known.attempts + if(known.run_id = {run_id:String}, 0, 1), 'open', '', NULL, '', toUInt64(toUnixTimestamp64Micro(now64(6)))
FROM (
  SELECT entry.1 AS id, entry.2 AS key, entry.3 AS etag, entry.4 AS cause, entry.5 AS message, entry.6 AS fingerprint
  FROM (SELECT arrayJoin(arrayZip(
    {ids:Array(String)}, {keys:Array(String)}, {etags:Array(String)}, {causes:Array(String)},
    {messages:Array(String)}, {fingerprints:Array(String)})) AS entry)
) AS failed
LEFT JOIN (
  SELECT dead_letter_id, run_id, first_seen, attempts FROM dead_letters FINAL
  WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND kind = 'object'
) AS known ON known.dead_letter_id = failed.id`,
  });
}

/**
 * Objects that a run could not take in. One that lies there for good, outside the scheme or in the place of another, is
 * counted by the run that meets it first: its dead letter stays open, but later runs are not the worse for it.
 */
export async function countDeadObjects(
  db: Db,
  place: { readonly tenantId: string; readonly tableName: string; readonly runId: string },
): Promise<number> {
  const { found } = await db.row(
    {
      name: "scd2.dead-objects.count",
      params: { tenant_id: place.tenantId, table_name: place.tableName, run_id: place.runId },
      sql: `SELECT count() AS found FROM dead_letters FINAL
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND kind = 'object' AND run_id = {run_id:String}
  AND NOT (attempts > 1 AND errors[1].rule IN ('outside', 'replaced'))`,
    },
    z.object({ found: zCount }),
  );
  return found;
}

/** What is still open of a table after a bulk load that no longer met it was mended at the source. */
export async function supersedeDeadLetters(
  db: Db,
  place: { readonly tenantId: string; readonly tableName: string; readonly runId: string },
): Promise<void> {
  await db.command({
    name: "scd2.dead-letters.supersede",
    params: { tenant_id: place.tenantId, table_name: place.tableName, run_id: place.runId },
    sql: `INSERT INTO dead_letters
SELECT * REPLACE (
  'superseded' AS status, now64(3) AS resolved_at, concat('Not met again by bulk load ', {run_id:String}) AS resolution,
  toUInt64(toUnixTimestamp64Micro(now64(6))) AS version)
FROM dead_letters FINAL
-- The bare name would be the new status.
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND dead_letters.status = 'open' AND run_id != {run_id:String}`,
  });
}

function digest(...parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 32);
}
