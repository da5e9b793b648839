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
  /** The batch is single rows of objects that are in the log already, and not whole objects. */
  readonly stagesRows?: true;
}

/** The tables of a run that are gone when it ends. */
export interface StagingTables {
  /** The batch's records, in the shape of the log. */
  readonly stage: string;
  /** The derived walk through time of every touched entity, narrow. */
  readonly walk: string;
  /** What is stored of the touched entities, narrow. */
  readonly stored: string;
  /** The versions to write, narrow. */
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
    walk: name("walk"),
    stored: name("stored"),
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
    // Rows of equal key stay as they are until the parts merge: collapsing every block costs more than writing it.
    optimize_on_insert: 0,
    join_use_nulls: 1,
  };
}
