import { z } from "zod";
import type { AgeReply, AgeWindow } from "@/lib/contracts/tenants";
import type { Db } from "@/server/clickhouse/client";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import type { TenantScope } from "@/server/tenant-scope";
import { zCount, zInstant, zMaybeInstant } from "./row-types";

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
    max(stamp) AS newest,
    toUInt8(at < now64(3, 'UTC') - toIntervalSecond({window:UInt32})) AS before
FROM objects FINAL
WHERE tenant_id = {tenantId:String} AND table_name = {tableName:String} AND status = 'done'
GROUP BY if(
    finished_at < now64(3, 'UTC') - toIntervalSecond({window:UInt32}),
    0,
    intDiv(toUnixTimestamp(finished_at), {merge:UInt32})
)
ORDER BY at`,
  params: z.object({ tableName: z.string(), window: z.number().int(), merge: z.number().int() }),
  row: z.object({ at: zInstant, newest: zInstant, before: zCount }),
  maxSeconds: 10,
});

const target = tenantQuery({
  name: "table.target",
  sql: `
SELECT
    freshness_target_minutes AS targetMinutes,
    (
        SELECT max(newest_object_at) FROM table_states FINAL
        WHERE tenant_id = {tenantId:String} AND table_name = {tableName:String}
    ) AS newest
FROM tenants FINAL
WHERE tenant_id = {tenantId:String}`,
  params: z.object({ tableName: z.string() }),
  row: z.object({ targetMinutes: zCount, newest: zMaybeInstant }),
  maxSeconds: 10,
});

interface Publish {
  readonly at: number;
  readonly newest: number;
}

/**
 * The corners of the saw-tooth: before each publish the age it had grown to, after it the age of what was published.
 * An object older than the newest one published before it changes nothing. Pure; times in milliseconds.
 */
export function ageCorners(
  published: readonly Publish[],
  from: number,
  now: number,
): { at: string; ageSeconds: number | null }[] {
  const corners: { at: string; ageSeconds: number | null }[] = [];
  let newest: number | null = null;
  const push = (time: number): void => {
    corners.push({
      at: new Date(time).toISOString(),
      ageSeconds: newest === null ? null : Math.max(0, (time - newest) / 1000),
    });
  };
  const within = published.filter((publish) => publish.at > from);
  for (const publish of published)
    if (publish.at <= from) newest = Math.max(newest ?? publish.newest, publish.newest);
  push(from);
  for (const publish of within) {
    if (newest !== null && publish.newest <= newest) continue;
    push(publish.at);
    newest = publish.newest;
    push(publish.at);
  }
  push(now);
  return corners;
}

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
    target(scope, { tableName }, db),
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
    points: ageCorners(
      published.map((row) => ({ at: Date.parse(row.at), newest: Date.parse(row.newest) })),
      from,
      now,
    ),
  };
}
