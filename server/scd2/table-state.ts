import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { HistorySize } from "./history-size";
import type { TableWork } from "./table-work";

const State = HistorySize.extend({
  watermark: zCount.nullable(),
  is_settled: z.boolean(),
  invariants_broken: z.array(z.string()),
});

/**
 * The sizes and watermark (ms UTC) that the last publish left, or undefined where there was none. Where they are not
 * settled, a publish began since and nobody saw its end.
 */
export async function readState(
  work: Pick<TableWork, "db" | "tenantId" | "entity">,
): Promise<z.infer<typeof State> | undefined> {
  return work.db.maybeRow(
    {
      name: "scd2.state.read",
      params: { tenant_id: work.tenantId, table_name: work.entity.name },
      sql: `SELECT entities, versions, current, toUnixTimestamp64Milli(watermark) AS watermark, is_settled, invariants_broken
FROM table_states FINAL WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String}`,
    },
    State,
  );
}

/** Says that a publish is about to begin, until {@link writeState} says what came of it. */
export async function unsettleState(work: TableWork, hasState: boolean): Promise<void> {
  if (!hasState) {
    await work.db.insert("table_states", [
      {
        tenant_id: work.tenantId,
        table_name: work.entity.name,
        published_at: new Date().toISOString(),
        run_id: work.runId,
        version: String(BigInt(Date.now()) * 1000n),
        is_settled: false,
        unsettled_by: work.runId,
      },
    ]);
    return;
  }
  await work.db.command({
    name: "scd2.state.unsettle",
    params: { tenant_id: work.tenantId, table_name: work.entity.name, by: work.runId },
    sql: `INSERT INTO table_states
SELECT * REPLACE (false AS is_settled, {by:String} AS unsettled_by, toUInt64(toUnixTimestamp64Micro(now64(6))) AS version)
FROM table_states FINAL WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String}`,
  });
}

/**
 * Writes what is true of the table now. Freshness is the age of the newest object that is in it.
 *
 * @param watermark ms UTC
 * @param broken names of invariants that do not hold
 */
export async function writeState(
  work: TableWork,
  size: HistorySize,
  watermark: number | null,
  invariants: { readonly checked: number; readonly broken: readonly string[] },
): Promise<void> {
  await work.db.command({
    name: "scd2.state.write",
    params: {
      tenant_id: work.tenantId,
      table_name: work.entity.name,
      run_id: work.runId,
      ...size,
      watermark,
      checked: invariants.checked,
      held: invariants.checked - invariants.broken.length,
      broken: invariants.broken,
    },
    sql: `INSERT INTO table_states
SELECT {tenant_id:String}, {table_name:String},
  (SELECT maxOrNull(stamp) FROM objects FINAL
   WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String} AND status = 'done'),
  fromUnixTimestamp64Milli({watermark:Nullable(Int64)}, 'UTC'), now64(3), {run_id:String},
  {entities:UInt64}, {versions:UInt64}, {current:UInt64},
  {held:UInt8}, {checked:UInt8}, {broken:Array(String)}, toUInt64(toUnixTimestamp64Micro(now64(6))), true, ''`,
  });
}
