import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";
import { insertTogether } from "@/server/clickhouse/insert-together";

import { HistorySize } from "./history-size";
import { IN_PLACES, type TablePlace, isAt, placesParams } from "./table-place";
import { type TableWork, placeOf } from "./table-work";

const State = HistorySize.extend({
  watermark: zCount.nullable(),
  is_settled: z.boolean(),
  invariants_broken: z.array(z.string()),
});
type State = z.infer<typeof State>;

/** A whole row, whatever columns it has. */
const StateRow = z.looseObject({
  tenant_id: z.string(),
  table_name: z.string(),
  newest_object_at: z.string().nullable(),
  watermark: z.string().nullable(),
  is_settled: z.boolean(),
  version: z.string(),
});
type StateRow = z.infer<typeof StateRow>;

const findRow = gathered<TablePlace, StateRow | undefined>(async (db, places) => {
  const rows = await db.rows(
    {
      name: "scd2.state.read",
      params: placesParams(places),
      sql: `SELECT * FROM table_states FINAL WHERE ${IN_PLACES}`,
    },
    StateRow,
  );
  return places.map((place) => rows.find((row) => isAt(place, row)));
});

/**
 * Rows that were read under a lease, until a publish under it begins: nobody else changes them meanwhile. By the work that the
 * lease is for.
 */
const readUnderLease = new WeakMap<object, StateRow>();

/**
 * The sizes and watermark (ms UTC) that the last publish left, or undefined where there was none. Where they are not
 * settled, a publish began since and nobody saw its end.
 */
export async function readState(
  work: Pick<TableWork, "tenantId" | "entity" | "token"> & { readonly db: Db },
): Promise<State | undefined> {
  const row = await findRow(work.db, { tenantId: work.tenantId, tableName: work.entity.name });
  if (row === undefined) return undefined;
  if (work.token !== undefined) readUnderLease.set(work, row);
  return State.parse({ ...row, watermark: ms(row.watermark) });
}

/** A publish that has begun, for {@link writeState}. */
export interface Unsettled {
  readonly version: bigint;
  /** ms UTC; absent where it must be asked for anew. */
  readonly newestObjectAt?: number | null;
}

/** Says that a publish is about to begin, until {@link writeState} says what came of it. */
export async function unsettleState(work: TableWork): Promise<Unsettled> {
  const row = readUnderLease.get(work) ?? (await findRow(work.db, placeOf(work)));
  readUnderLease.delete(work);
  const version = later(row);
  const unsettled = {
    ...(row ?? {
      tenant_id: work.tenantId,
      table_name: work.entity.name,
      published_at: new Date().toISOString(),
      run_id: work.runId,
    }),
    version: String(version),
    is_settled: false,
    unsettled_by: work.runId,
  };
  await insertTogether(work.db, "table_states", [unsettled], "scd2.state.unsettle");
  return {
    version,
    ...(row?.is_settled === true ? { newestObjectAt: ms(row.newest_object_at) } : {}),
  };
}

/** What is true of a table once a batch is published. */
export interface PublishedState {
  readonly size: HistorySize;
  /** ms UTC. */
  readonly watermark: number | null;
  /** ms UTC: the stamp of the newest object in the table; absent where the ledger is to be asked. */
  readonly newestObjectAt?: number | null;
  readonly invariants: {
    readonly checked: number;
    /** Names of those that do not hold. */
    readonly broken: readonly string[];
  };
}

/** Writes what is true of the table now. Freshness is the age of the newest object that is in it. */
export async function writeState(
  work: TableWork,
  { version }: Unsettled,
  { size, watermark, invariants, ...known }: PublishedState,
): Promise<void> {
  const newest =
    known.newestObjectAt === undefined ? await findNewestObject(work) : known.newestObjectAt;
  const row = {
    tenant_id: work.tenantId,
    table_name: work.entity.name,
    newest_object_at: time(newest),
    watermark: time(watermark),
    published_at: new Date().toISOString(),
    run_id: work.runId,
    ...size,
    invariants_held: invariants.checked - invariants.broken.length,
    invariants_checked: invariants.checked,
    invariants_broken: invariants.broken,
    version: String(later({ version: String(version) })),
    is_settled: true,
    unsettled_by: "",
  };
  await insertTogether(work.db, "table_states", [row], "scd2.state.write");
}

async function findNewestObject(work: TableWork): Promise<number | null> {
  const { newest } = await work.db.row(
    {
      name: "scd2.state.newest-object",
      params: { tenant_id: work.tenantId, table_name: work.entity.name },
      sql: `SELECT toUnixTimestamp64Milli(maxOrNull(stamp)) AS newest FROM objects FINAL
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND status = 'done'`,
    },
    z.object({ newest: zCount.nullable() }),
  );
  return newest;
}

/** A version above the row's, whoever's clock that is of. */
function later(row: { readonly version: string } | undefined): bigint {
  const now = BigInt(Date.now()) * 1000n;
  const after = BigInt(row?.version ?? "0") + 1n;
  return now > after ? now : after;
}

function ms(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
