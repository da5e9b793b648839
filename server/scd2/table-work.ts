import type { Entity } from "@/lib/catalog";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { TENANT_ID } from "@/server/canonical/object-key";
import type { Db } from "@/server/clickhouse/client";

import { literal } from "./sql-text";
import { settingsWithin } from "./statement-memory";

/** What every step of the engine works on: one tenant's table, for one run. */
export interface TableWork {
  readonly db: Db;
  readonly store: CanonicalStore;
  readonly entity: Entity;
  readonly tenantId: string;
  readonly runId: string;
  /**
   * A ULID of whoever may work on the table now; it names the staging tables, so that one who lost that right finds
   * nothing to publish. Absent where nothing is staged.
   */
  readonly token?: string;
  /** Aborting ends the statement at work; the tables are left as they were. */
  readonly signal?: AbortSignal | undefined;
  /** Memory one statement of the engine may take, in bytes. */
  readonly maxMemoryBytes: number;
  /** Its statements have too little to do for more than one thread. */
  readonly isSmall?: true;
  /** The objects of the batch at work, where they are few: naming them costs less than looking them up. */
  readonly objects?: readonly string[];
  /** Above so many versions of the history, entities are derived from their current version alone where that is enough. */
  readonly manyVersions?: number;
  /** That is done; the staging table `touched` says of which entities. */
  readonly fromCurrent?: true;
  /** The batch is single rows of objects that are in the log already, and not whole objects. */
  readonly stagesRows?: true;
}

/** The tables of a run that are gone when it ends. */
export interface StagingTables {
  /** The batch's records, in the shape of the log. */
  readonly stage: string;
  /** The batch's entities, and which of them are derived from their current version alone. */
  readonly touched: string;
  /** Whole current rows of entities that are derived from them, which the batch may end. */
  readonly ending: string;
  /** The derived walk through time of every touched entity, narrow. */
  readonly walk: string;
  /** The touched entities' versions as they are stored beside what they are to be, narrow. */
  readonly versions: string;
  /** The version rows to publish, in the shape of the history. */
  readonly delta: string;
  /** What a dry run tries: in the shape of replay_items. */
  readonly items: string;
}

const PREFIX = "staging_";

/** All staging tables, or those of a run, have this at the start of their names. */
export function stagingPrefix(runId?: string): string {
  return runId === undefined ? PREFIX : `${PREFIX}${runId.toLowerCase()}_`;
}

/** The token in a staging table's name, or undefined where there is none. */
export function leaseOfStagingTable(tableName: string): string | undefined {
  return /^staging_[0-9a-z]{26}_([0-9a-z]{26})_/.exec(tableName)?.[1]?.toUpperCase();
}

export function stagingTables(work: Pick<TableWork, "runId" | "token" | "entity">): StagingTables {
  const owner = work.token === undefined ? "" : `${work.token.toLowerCase()}_`;
  const name = (part: string): string =>
    `${stagingPrefix(work.runId)}${owner}${work.entity.name}_${part}`;
  return {
    stage: name("stage"),
    touched: name("touched"),
    ending: name("ending"),
    walk: name("walk"),
    versions: name("versions"),
    delta: name("delta"),
    items: name("items"),
  };
}

/** Where the work is, as the operational tables name it. */
export function placeOf(work: TableWork): { tenantId: string; tableName: string; runId: string } {
  return { tenantId: work.tenantId, tableName: work.entity.name, runId: work.runId };
}

export function logTable(entity: Entity): string {
  return `${entity.name}_log`;
}

export function historyTable(entity: Entity): string {
  return `${entity.name}_scd`;
}

/**
 * The end of the history's key, behind tenant, is_current and id: an entity has one current row and a closed one for each start
 * (docs/decisions/0028-current-rows-apart.md).
 */
export const CLOSED_FROM = "if(is_current, toDateTime64(0, 3, 'UTC'), effective_start_date)";

/** The tenant's partition in an ALTER, where no value can be bound: checked against the pattern of tenant ids. */
export function partition(tenantId: string): string {
  if (!TENANT_ID.test(tenantId)) throw new Error(`"${tenantId}" is not a tenant id`);
  return `PARTITION ${literal(tenantId)}`;
}

/** Settings of the engine's heavy statements. */
export function heavySettings(work: TableWork): Record<string, string | number> {
  return {
    max_memory_usage: String(work.maxMemoryBytes),
    max_insert_threads: "2",
    ...settingsWithin(work.maxMemoryBytes),
    ...(work.isSmall === undefined ? {} : { max_threads: 1, max_insert_threads: "1" }),
    // Rows of equal key stay as they are until the parts merge: collapsing every block costs more than writing it.
    optimize_on_insert: 0,
    join_use_nulls: 1,
  };
}

/** Settings with which staging tables are created: what a power cut takes away of them is staged again. */
export const CREATION = { fsync_metadata: 0 } as const;

/** Most rows of a batch, and versions of the history, that one thread goes through as fast as several. */
const SMALL = { rows: 20_000, versions: 500_000 };

/** Default of {@link TableWork.manyVersions}: where there are fewer, all of them are read as fast. */
export const MANY_VERSIONS = SMALL.versions;

/** The same work, done by one thread where there is little of it: setting up a second costs a tenth of such a statement. */
export function sized(work: TableWork, stagedRows: number, versions: number): TableWork {
  return stagedRows <= SMALL.rows && versions <= SMALL.versions ? { ...work, isSmall: true } : work;
}

/** Most objects that a statement is given by name. */
const NAMED_OBJECTS = 100;

/** The same work, with its objects where they are few; see {@link notStaged}. */
export function naming(work: TableWork, objects: readonly string[]): TableWork {
  return objects.length <= NAMED_OBJECTS ? { ...work, objects } : work;
}

/** A condition: the row is of no object in the staging table. With {@link stagedParams}. */
export function notStaged(work: TableWork): string {
  return work.objects === undefined
    ? `source_object NOT IN (SELECT DISTINCT source_object FROM ${stagingTables(work).stage})`
    : "source_object NOT IN {staged_objects:Array(String)}";
}

/** The parameters of {@link notStaged}. */
export function stagedParams(work: TableWork): Record<string, unknown> {
  return work.objects === undefined ? {} : { staged_objects: work.objects };
}
