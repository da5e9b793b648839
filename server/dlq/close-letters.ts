import "server-only";
import { z } from "zod";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { type TenantScope, assertTenantScope } from "@/server/tenant-scope";

/**
 * Closes those of some dead letters that are open.
 *
 * @param ids of the scope's tenant; others are not touched
 * @returns how many were open
 */
export async function closeLetters(
  db: Db,
  scope: TenantScope,
  ids: readonly string[],
  end: {
    readonly status: "replayed" | "discarded";
    readonly by: string;
    readonly resolution: string;
  },
): Promise<number> {
  assertTenantScope(scope);
  const open = `tenant_id = {tenant_id:String} AND dead_letter_id IN {ids:Array(String)} AND dead_letters.status = 'open'`;
  const params = { tenant_id: scope.tenantId, ids: [...ids] };
  const { found } = await db.row(
    {
      name: "dlq.close.count",
      params,
      sql: `SELECT count() AS found FROM dead_letters FINAL WHERE ${open}`,
    },
    z.object({ found: zCount }),
  );
  if (found === 0) return 0;
  await db.command({
    name: "dlq.close",
    params: { ...params, new_status: end.status, closed_by: end.by, closed_as: end.resolution },
    sql: `INSERT INTO dead_letters
SELECT * REPLACE (
  {new_status:String} AS status, {closed_by:String} AS resolved_by, now64(3) AS resolved_at,
  {closed_as:String} AS resolution, toUInt64(toUnixTimestamp64Micro(now64(6))) AS version)
FROM dead_letters FINAL
-- The bare name would be the new status.
WHERE ${open}`,
  });
  return found;
}
