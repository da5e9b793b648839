import { randomUUID } from "node:crypto";

import { groupBy } from "@/lib/group-by";
import type { ObjectFault } from "@/server/canonical/canonical-store";
import { ClickHouseError } from "@/server/clickhouse/error";
import type { ObjectFormat } from "@/server/canonical/object-key";
import { inLanes } from "@/server/in-lanes";

import type { DeadObject } from "./dead-objects";
import { rawRows } from "./raw-rows";
import { type BatchObject, createStage, stageObjects } from "./stage";
import { objectBytesAtOnce } from "./statement-memory";
import { type StagedObject, readStaged } from "./staged-objects";
import type { TableWork } from "./table-work";

/** Objects that one statement reads; more make its glob slow to match. */
const OBJECTS_A_STATEMENT = 400;

/** Objects that are looked at together: each look can be a request to a store far away. */
const LOOKS_AT_ONCE = 16;

const CUT_ZSTD = "The zstd data is damaged or cut short.";
const CUT_PARQUET = "The Parquet data is damaged or cut short.";
const UNREADABLE: Readonly<Record<number, string>> = {
  354: "The gzip data is damaged or cut short.",
  561: CUT_ZSTD,
};
/** Parquet has no code of its own: a file that is cut short lacks the end that makes it one. */
const NOT_PARQUET = /not a parquet file|magic bytes|parquet file is too short|file too short/i;
const REMEDY =
  "Land it again, whole and under a new key, or land it again under this key and start a bulk load.";

/** Names the statement at work, so that its progress can be watched. */
export type OnStatement = (queryId: string, objects: readonly BatchObject[]) => void;

/** What was staged, and what could not be. */
export interface StageResult {
  readonly staged: readonly BatchObject[];
  readonly rows: number;
  readonly dead: readonly DeadObject[];
  readonly found: readonly StagedObject[];
}

/**
 * Stages a batch. An object that cannot be read is left out and reported; the others are staged whole.
 *
 * @throws {@link ClickHouseError} where the failure is not one object's
 */
export async function stageBatch(
  work: TableWork,
  objects: readonly BatchObject[],
  onStatement: OnStatement = () => {},
): Promise<StageResult> {
  const dead = new Map<string, DeadObject>();
  await inLanes(LOOKS_AT_ONCE, objects, async (object) => {
    if (await work.store.isWhole(object)) return;
    dead.set(object.key, damaged(object, object.format === "parquet" ? CUT_PARQUET : CUT_ZSTD));
  });
  for (;;) {
    await createStage(work);
    const readable = objects.filter((object) => !dead.has(object.key));
    const { rows, failed, found } = await stageAll(work, readable, onStatement);
    if (failed.length === 0) return { staged: readable, rows, dead: [...dead.values()], found };
    for (const object of failed) dead.set(object.key, object);
  }
}

/** Stages statement by statement; stops at the first that fails and says which of its objects are to blame. */
async function stageAll(
  work: TableWork,
  objects: readonly BatchObject[],
  onStatement: OnStatement,
): Promise<{ rows: number; failed: DeadObject[]; found: StagedObject[] }> {
  let rows = 0;
  for (const [format, group] of statements(objects, objectBytesAtOnce(work.maxMemoryBytes))) {
    const queryId = randomUUID();
    onStatement(queryId, group);
    try {
      rows += await stageObjects(work, format, group, queryId);
    } catch (error) {
      if (!(error instanceof ClickHouseError) || work.signal?.aborted === true) throw error;
      await work.store.explain(error);
      if (error.transient) throw error;
      const culprits = await findUnreadable(work, format, group);
      if (culprits.length === 0) throw error;
      return { rows, failed: culprits, found: [] };
    }
  }
  const changed = await findReplaced(work, objects);
  if (changed.length > 0) return { rows, failed: changed, found: [] };
  const found = await readStaged(work);
  return { rows, failed: await findVanished(work, objects, found), found };
}

/** Groups of objects of one format, in their order; each is what one statement reads. */
function* statements(
  objects: readonly BatchObject[],
  mostBytes: number,
): Iterable<[ObjectFormat, BatchObject[]]> {
  for (const [format, ofFormat] of groupBy(objects, (object) => object.format)) {
    let group: BatchObject[] = [];
    let bytes = 0;
    for (const object of ofFormat) {
      const isFull = group.length === OBJECTS_A_STATEMENT || bytes + object.bytes > mostBytes;
      if (isFull && group.length > 0) {
        yield [format, group];
        group = [];
        bytes = 0;
      }
      group.push(object);
      bytes += object.bytes;
    }
    if (group.length > 0) yield [format, group];
  }
}

/** Reads each object alone, to its end. */
async function findUnreadable(
  work: TableWork,
  format: ObjectFormat,
  objects: readonly BatchObject[],
): Promise<DeadObject[]> {
  const dead: DeadObject[] = [];
  for (const object of objects) {
    const raw = await rawRows(work.entity, work.store, format, [object.key]);
    try {
      await work.db.command({
        name: "scd2.stage.probe",
        signal: work.signal,
        params: raw.params,
        settings: {
          ...raw.settings,
          input_format_skip_unknown_fields: 1,
          input_format_with_names_use_header: 1,
        },
        sql: `SELECT * FROM (${raw.sql}) FORMAT Null`,
      });
    } catch (error) {
      if (!(error instanceof ClickHouseError)) throw error;
      const fault = await work.store.explain(error, object.key);
      if (error.transient) throw error;
      dead.push(fault === undefined ? unreadable(object, error) : faulty(object, fault));
    }
  }
  return dead;
}

/** What was read must be what was listed, for it is entered into the ledger as that. */
async function findReplaced(
  work: TableWork,
  objects: readonly BatchObject[],
): Promise<DeadObject[]> {
  const replaced = await work.store.replaced(objects);
  return objects
    .filter((object) => replaced.has(object.key))
    .map((object) => faulty(object, "replaced"));
}

/** A list of objects is read without complaint where one of them is gone, so the silent ones are looked up. */
async function findVanished(
  work: TableWork,
  objects: readonly BatchObject[],
  found: readonly StagedObject[],
): Promise<DeadObject[]> {
  const keys = new Set(found.map((row) => row.source_object));
  const silent = objects.filter((object) => object.bytes > 0 && !keys.has(object.key));
  const dead: DeadObject[] = [];
  for (const object of silent) {
    if ((await work.store.etag(object)) === undefined) dead.push(faulty(object, "vanished"));
  }
  return dead;
}

const FAULTS: Readonly<Record<ObjectFault, string>> = {
  vanished: `The object was listed but is gone. Objects are immutable and stay where they are. ${REMEDY}`,
  replaced:
    "The object was replaced while it was read, so it was left out. Objects are immutable. The next increment takes what " +
    "lies there now.",
  denied:
    "The store denies access to this object, though not to others. Allow it to be read (its own permissions, the key it is " +
    "encrypted with), then land it again under a new key or start a bulk load.",
};

function faulty(object: BatchObject, fault: ObjectFault): DeadObject {
  return { key: object.key, etag: object.etag, cause: fault, message: FAULTS[fault] };
}

function unreadable(object: BatchObject, error: ClickHouseError): DeadObject {
  const reason =
    UNREADABLE[error.code] ??
    (NOT_PARQUET.test(error.detail)
      ? CUT_PARQUET
      : `The object cannot be read: ${plain(error.detail)}.`);
  return damaged(object, reason);
}

function damaged(object: BatchObject, reason: string): DeadObject {
  return {
    key: object.key,
    etag: object.etag,
    cause: "unreadable",
    message: `${reason} ${REMEDY}`,
  };
}

/** The server's own words for what is wrong with the data, without its paths and internals. */
function plain(detail: string): string {
  const words = detail.replace(/^(?:Code: \d+\. )?(?:DB::Exception: )?/, "");
  const end = words.search(/: \(in file|: While (?:executing|reading)|\n|\. Check|\s*\(version/);
  return words.slice(0, end < 0 ? 240 : Math.min(end, 240)).trim();
}
