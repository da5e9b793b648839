import { z } from "zod";
import type { AgeReply, AgeWindow } from "@/lib/contracts/tenants";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { zCount, zInstant } from "./row-types";

/** Window and, so that a chart has at most some hundred corners, the time within which publishes are merged; seconds. */
const WINDOWS: Record<AgeWindow, { seconds: number; merge: number }> = {
  "12h": { seconds: 12 * 3600, merge: 60 },
  "3d": { seconds: 3 * 24 * 3600, merge: 600 },
  "30d": { seconds: 30 * 24 * 3600, merge: 3600 },
};

const publishes = tenantQuery({
  name: "table.publishes",
  sql: `
SELECT
    max(finished_at) AS at,
    max(stamp) AS newest
FROM objects FINAL
WHERE tenant_id = {tenantId:String} AND table_name = {tableName:String} AND status = 'done'
GROUP BY if(
    finished_at < now64(3, 'UTC') - toIntervalSecond({window:UInt32}),
    0,
    intDiv(toUnixTimestamp(finished_at), {merge:UInt32})
)
ORDER BY at`,
  params: z.object({ tableName: z.string(), window: z.number().int(), merge: z.number().int() }),
  row: z.object({ at: zInstant, newest: zInstant }),
  maxSeconds: 10,
});

const target = tenantQuery({
  name: "table.target",
  sql: `
SELECT freshness_target_minutes AS targetMinutes
FROM tenants FINAL
WHERE tenant_id = {tenantId:String}`,
  params: z.object({}),
  row: z.object({ targetMinutes: zCount }),
  maxSeconds: 10,
});

/** How old a table was over a window up to now. */
export async function readTableAge(
  scope: TenantScope,
  tableName: string,
  window: AgeWindow,
  db?: Db,
): Promise<AgeReply> {
  const { seconds, merge } = WINDOWS[window];
  const [published, facts] = await Promise.all([
    publishes(scope, { tableName, window: seconds, merge }, db),
    target(scope, {}, db),
  ]);
  const now = Date.now();
  const from = now - seconds * 1000;
  return {
    asOf: new Date(now).toISOString(),
    tenantId: scope.tenantId,
    tableName,
    window,
    targetMinutes: facts[0]?.targetMinutes ?? 0,
    from: new Date(from).toISOString(),
    loads: published.map((row) => ({ publishedAt: row.at, dataAt: row.newest })),
  };
}
