import { z } from "zod";

import { parseObjectName, tablePrefix } from "@/server/canonical/object-key";
import { unlessAborted } from "@/server/clickhouse/abortable";
import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";

import type { DeadObject } from "./dead-objects";
import { type KnownObject, readKnownObjects } from "./known-objects";
import type { BatchObject } from "./stage";
import { IN_PLACES, InPlace, type TablePlace, isAt, placesParams } from "./table-place";
import { type TableWork, placeOf } from "./table-work";

/** A complete extract, whose objects count together (R8). */
export interface Extract {
  /** ms UTC. */
  readonly at: number;
  readonly objects: readonly BatchObject[];
}

/** What a table's part of the store holds for a run. */
export interface Discovery {
  readonly objects: readonly BatchObject[];
  /** Complete extracts that are new, or have new objects, or (bulk) all. */
  readonly extracts: readonly Extract[];
  /** Extracts counted by earlier runs, ms UTC; empty for a bulk load. */
  readonly countedExtracts: readonly number[];
  /** Extracts without `_SUCCESS`, ms UTC: not read yet. */
  readonly waitingExtracts: readonly number[];
  readonly dead: readonly DeadObject[];
}

/**
 * Step 1 (design.md §5): what lies in the store and is not in the ledger, in key order. A bulk load takes the
 * store as it is; an increment leaves out what was loaded, and reports an object whose content is another
 * than the one that was loaded.
 *
 * @param again keys of failed objects that are to be tried again as they are
 */
export async function discover(
  work: TableWork,
  mode: "bulk" | "incremental",
  again: ReadonlySet<string> = new Set(),
): Promise<Discovery> {
  const prefix = tablePrefix(work.tenantId, work.entity.name);
  const listed = await work.store.list(prefix);
  const complete = new Set<number>();
  const dead: DeadObject[] = [];
  const data: Listed[] = [];
  for (const object of listed) {
    const name = parseObjectName(object.key.slice(prefix.length));
    if (name.kind === "extract-complete") {
      complete.add(name.extractAt);
    } else if (name.kind === "outside") {
      dead.push({
        key: object.key,
        etag: "",
        cause: "outside",
        message: `The key is outside the scheme of the store: ${name.reason}. Land the object under a key of the scheme.`,
      });
    } else {
      data.push({
        key: object.key,
        bytes: object.bytes,
        lastModified: object.lastModified,
        ...(object.etag === undefined ? {} : { etag: object.etag }),
        format: name.format,
        stamp: name.stamp ?? object.lastModified,
        ...(name.extractAt === undefined ? {} : { extractAt: name.extractAt }),
      });
    }
  }

  const waiting = new Set<number>();
  const fresh: BatchObject[] = [];
  // With an object missing, an extract would take what that object lists for deleted.
  const held = new Set<number | undefined>();
  const ready: Listed[] = [];
  for (const object of data) {
    if (object.extractAt === undefined || complete.has(object.extractAt)) ready.push(object);
    else waiting.add(object.extractAt);
  }
  const [known, ledger] =
    mode === "bulk"
      ? [[], NOTHING]
      : await Promise.all([readExtracts(work), readKnownObjects(work, ready)]);
  const isKnown = new Set(known.map((extract) => extract.at));
  for (const object of ready) {
    if (ledger.settled.has(object.key)) continue;
    const row = ledger.rows.get(object.key);
    const isAgain = row !== undefined && (isRetried(row) || isAskedFor(row, again));
    if (row !== undefined && isSameFile(row, object) && !isAgain) {
      if (row.status === "failed") held.add(object.extractAt);
      continue;
    }
    const etag = object.etag ?? (await work.store.etag(object));
    if (row === undefined || isAgain) {
      fresh.push({ ...object, etag: etag ?? "" });
    } else if (row.status === "failed") {
      if (etag === row.etag) held.add(object.extractAt);
      else fresh.push({ ...object, etag: etag ?? "" });
    } else if (etag !== row.etag) {
      dead.push(replaced(object.key, etag ?? ""));
    }
  }

  const extracts = new Map<number, BatchObject[]>();
  for (const at of complete) if (!isKnown.has(at) && !held.has(at)) extracts.set(at, []);
  for (const object of fresh) {
    if (object.extractAt === undefined || held.has(object.extractAt)) continue;
    const objects = extracts.get(object.extractAt) ?? [];
    objects.push(object);
    extracts.set(object.extractAt, objects);
  }
  return {
    objects: fresh.filter((object) => object.extractAt === undefined),
    extracts: [...extracts].map(([at, objects]) => ({ at, objects })).sort((a, b) => a.at - b.at),
    countedExtracts: known.filter((extract) => extract.status === "counted").map(({ at }) => at),
    waitingExtracts: [...waiting],
    dead,
  };
}

/** A data object as it was listed. */
type Listed = Omit<BatchObject, "etag"> & { readonly etag?: string };

const NOTHING = { rows: new Map<string, KnownObject>(), settled: new Set<string>() };

/** A failed object is read again once it is another one; one that vanished or changed under the reader, as soon as it is listed. */
function isRetried(row: KnownObject): boolean {
  return (
    row.status === "dropped" ||
    (row.status === "failed" && /^(?:vanished|replaced)/.test(row.error))
  );
}

function isAskedFor(row: KnownObject, again: ReadonlySet<string>): boolean {
  return row.status === "failed" && again.has(row.object_key);
}

function isSameFile(row: KnownObject, object: Listed): boolean {
  return (
    row.bytes === object.bytes &&
    row.modified === object.lastModified &&
    (object.etag === undefined || object.etag === row.etag)
  );
}

function replaced(key: string, etag: string): DeadObject {
  return {
    key,
    etag,
    cause: "replaced",
    message:
      "Another content lies under the key of an object that was loaded. Objects are immutable; the history keeps " +
      "what was loaded. Land the correction under a new key, or start a bulk load, which takes the store as it is.",
  };
}

const ExtractRow = InPlace.extend({ at: zCount, status: z.string() });
type ExtractRow = z.infer<typeof ExtractRow>;

async function readExtracts(work: TableWork): Promise<ExtractRow[]> {
  return unlessAborted(EXTRACTS, work.signal, findExtracts(work.db, placeOf(work)));
}

const EXTRACTS = "scd2.discover.extracts";

const findExtracts = gathered<TablePlace, ExtractRow[]>(async (db, places) => {
  const rows = await db.rows(
    {
      name: EXTRACTS,
      params: placesParams(places),
      sql: `SELECT tenant_id, table_name, toUnixTimestamp64Milli(extract_at) AS at, status FROM extracts FINAL
WHERE ${IN_PLACES} AND status != 'dropped'`,
    },
    ExtractRow,
  );
  return places.map((place) => rows.filter((row) => isAt(place, row)));
});
