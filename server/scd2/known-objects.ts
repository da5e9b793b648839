import { createHash } from "node:crypto";

import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import type { TableWork } from "./table-work";

/** A row of the object ledger. */
export const KnownObject = z.object({
  object_key: z.string(),
  etag: z.string(),
  bytes: zCount,
  modified: zCount,
  status: z.string(),
  error: z.string(),
});
export type KnownObject = z.infer<typeof KnownObject>;

/** What the ledger knows of a table's objects. */
export interface KnownObjects {
  /** By key. Without those that are settled. */
  readonly rows: ReadonlyMap<string, KnownObject>;
  /** Objects that lie in the store just as they were loaded. */
  readonly settled: ReadonlySet<string>;
}

interface ListedObject {
  readonly key: string;
  readonly bytes: number;
  readonly lastModified: number;
  readonly etag?: string;
}

/**
 * Reads the ledger against what was listed. The listing is always whole and the ledger always decides, so an object is found
 * whenever it becomes visible, whatever its name or time. The change window only saves reading: objects modified before it
 * (counted back from the newest that was loaded) are compared with the ledger by count and digest, and row by row only
 * where those differ, as when an old object comes late, is replaced or is gone.
 *
 * @param listed the data objects, except those that are not to be read yet
 */
export async function readKnownObjects(
  work: TableWork,
  listed: readonly ListedObject[],
): Promise<KnownObjects> {
  const asked = newestOf(listed);
  const { rows, since, older } = await readRecent(work, asked);
  const unknown = listed.filter((object) => !rows.has(object.key));
  const old = unknown.filter((object) => object.lastModified < since);
  if (old.length > 0) {
    const withEtag = old.every((object) => object.etag !== undefined);
    const known = await digestBefore(work, since, withEtag);
    if (known.objects === old.length && known.digest === digestOf(old, withEtag)) {
      return { rows, settled: new Set(old.map((object) => object.key)) };
    }
  }
  // What is unknown among the recent may have been loaded long ago, and be another object under its old key.
  if (old.length === 0 && unknown.every((object) => asked.has(object.key))) {
    return { rows: new Map([...rows, ...older]), settled: new Set() };
  }
  return { rows: await readRows(work), settled: new Set() };
}

/** Keys of the objects that came last: what is new is among them as a rule. */
function newestOf(listed: readonly ListedObject[]): ReadonlySet<string> {
  const newestFirst = listed.toSorted((a, b) => b.lastModified - a.lastModified);
  return new Set(newestFirst.slice(0, ASKED_BY_KEY).map((object) => object.key));
}

/** So many of the newest objects are asked for by their keys. */
const ASKED_BY_KEY = 200;

const MINE = "tenant_id = {tenant_id:String} AND table_name = {table_name:String}";

function place(work: TableWork): Record<string, unknown> {
  return { tenant_id: work.tenantId, table_name: work.entity.name };
}

/**
 * The rows of objects modified within the change window of the newest that was loaded, and of all that were not loaded.
 * `since`, ms UTC, is where the window begins; `older` are rows of before it under keys that are asked for.
 */
async function readRecent(
  work: TableWork,
  asked: ReadonlySet<string>,
): Promise<{
  rows: Map<string, KnownObject>;
  since: number;
  older: Map<string, KnownObject>;
}> {
  const window = work.store.changeWindowMs;
  const found = await readRows(
    work,
    ` AND (status != 'done' OR object_key IN {asked:Array(String)} OR toUnixTimestamp64Milli(last_modified) >= (
  SELECT max(toUnixTimestamp64Milli(last_modified)) - {window:Int64} FROM objects FINAL WHERE ${MINE} AND status = 'done'))`,
    { window, asked: [...asked] },
  );
  let newest = 0;
  for (const row of found.values()) {
    if (row.status === "done") newest = Math.max(newest, row.modified);
  }
  const since = newest - window;
  const rows = new Map<string, KnownObject>();
  const older = new Map<string, KnownObject>();
  for (const [key, row] of found) {
    (row.status === "done" && row.modified < since ? older : rows).set(key, row);
  }
  return { rows, since, older };
}

async function readRows(
  work: TableWork,
  condition = "",
  params: Record<string, unknown> = {},
): Promise<Map<string, KnownObject>> {
  const rows = await work.db.rows(
    {
      name: "scd2.discover.ledger",
      signal: work.signal,
      params: { ...place(work), ...params },
      sql: `SELECT object_key, etag, bytes, toUnixTimestamp64Milli(last_modified) AS modified, status, error
FROM objects FINAL
WHERE ${MINE}${condition}`,
    },
    KnownObject,
  );
  return new Map(rows.map((row) => [row.object_key, row]));
}

async function digestBefore(
  work: TableWork,
  since: number,
  withEtag: boolean,
): Promise<{ objects: number; digest: string }> {
  return work.db.row(
    {
      name: "scd2.discover.digest",
      signal: work.signal,
      params: { ...place(work), since },
      sql: `SELECT
  count() AS objects,
  toString(sum(reinterpretAsUInt64(substring(MD5(concat(
    object_key, '\\n', toString(bytes), '\\n', toString(toUnixTimestamp64Milli(last_modified))${withEtag ? ", '\\n', etag" : ""}
  )), 1, 8)))) AS digest
FROM objects FINAL
WHERE ${MINE} AND status = 'done' AND toUnixTimestamp64Milli(last_modified) < {since:Int64}`,
    },
    z.object({ objects: zCount, digest: z.string() }),
  );
}

/** The same digest of what was listed: a sum, so that order does not matter. */
function digestOf(objects: readonly ListedObject[], withEtag: boolean): string {
  let sum = 0n;
  for (const { key, bytes, lastModified, etag } of objects) {
    const text = `${key}\n${bytes}\n${lastModified}${withEtag ? `\n${etag}` : ""}`;
    sum += createHash("md5").update(text).digest().readBigUInt64LE(0);
  }
  return String(BigInt.asUintN(64, sum));
}
