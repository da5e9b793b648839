import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";

import type { Measurement } from "./metric-lines";

const Row = z.object({ tenant_id: z.string(), minutes: z.number() });

/**
 * How far each tenant's tables are behind its part of the store, in minutes: since when it is certain that all that had landed
 * was loaded. That is the newest of three moments: a look that found nothing waiting, the landing of the oldest object that a
 * look found waiting, and the start of the last run of all tables that went well (where there is none of these yet, the publish
 * that is the oldest of its tables'). A source that is silent makes no tenant
 * late; a schedule that stands still makes all of them so. Paused tenants and those that were never loaded do not count.
 *
 * @returns one a tenant, or a single 0 of the fleet where there is no tenant: that nothing is late is said, too
 */
export async function freshnessFigures(db: Db): Promise<Measurement[]> {
  const rows = await db.rows(
    {
      name: "metrics.freshness",
      sql: `WITH
  looks AS (
    SELECT tenant_id, multiIf(
        notEmpty(waiting), arrayMin(arrayMap(one -> one.oldest_at, waiting)),
        outcome = 'nothing_new', checked_at,
        toDateTime64(0, 3, 'UTC')) AS at
    FROM schedule_checks FINAL
  ),
  loads AS (
    SELECT tenant_id, max(ifNull(started_at, toDateTime64(0, 3, 'UTC'))) AS at FROM runs FINAL
    WHERE status IN ('succeeded', 'partial') AND empty(tables) GROUP BY tenant_id
  ),
  loaded AS (SELECT tenant_id, min(published_at) AS at FROM table_states FINAL GROUP BY tenant_id)
SELECT tenant_id, greatest(0, dateDiff('second', greatest(looks.at, loads.at, loaded.at), now64(3)) / 60) AS minutes
FROM (SELECT tenant_id FROM tenants FINAL WHERE NOT paused) AS tenants
INNER JOIN loaded USING tenant_id
LEFT JOIN looks USING tenant_id
LEFT JOIN loads USING tenant_id
ORDER BY tenant_id`,
    },
    Row,
  );
  if (rows.length === 0) return [{ figures: { DataFreshness: 0 } }];
  return rows.map(({ tenant_id, minutes }) => ({
    tenantId: tenant_id,
    figures: { DataFreshness: minutes },
  }));
}
