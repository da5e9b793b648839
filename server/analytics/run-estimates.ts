import { z } from "zod";
import type { Estimate } from "@/lib/contracts/runs";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { zMeasure } from "./row-types";

/** With fewer past runs than this there is no estimate. */
export const ESTIMATE_MIN_RUNS = 5;

const durations = fleetQuery({
  name: "runs.durations",
  sql: `
SELECT
    tenant_id AS tenantId,
    mode,
    groupArray(seconds) AS seconds
FROM
(
    SELECT
        tenant_id, toString(mode) AS mode,
        dateDiff('millisecond', started_at, finished_at) / 1000 AS seconds
    FROM runs FINAL
    WHERE status = 'succeeded' AND started_at IS NOT NULL AND finished_at IS NOT NULL
        AND (tenant_id, mode) IN (SELECT arrayJoin(arrayZip({tenants:Array(String)}, {modes:Array(String)})))
        -- How long somebody took to decide says nothing of how long a run takes.
        AND run_id NOT IN (SELECT run_id FROM plans WHERE tenant_id IN {tenants:Array(String)})
    ORDER BY run_id DESC
    LIMIT 50 BY tenant_id, mode
)
GROUP BY tenant_id, mode`,
  params: z.object({ tenants: z.array(z.string()), modes: z.array(z.string()) }),
  row: z.object({ tenantId: z.string(), mode: z.string(), seconds: z.array(zMeasure) }),
  maxSeconds: 10,
  // Fifty past runs: one more of them hardly moves the band.
  cacheSeconds: 60,
});

/** The value below which a share of the sorted values lies, by linear interpolation. */
function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}

/**
 * The band a run should end in, from seconds that past good runs took. Pure.
 *
 * @param elapsedSeconds how long the run has taken so far
 * @returns null with fewer than {@link ESTIMATE_MIN_RUNS} past runs
 */
export function estimateFrom(seconds: readonly number[], elapsedSeconds: number): Estimate | null {
  if (seconds.length < ESTIMATE_MIN_RUNS) return null;
  const sorted = seconds.toSorted((a, b) => a - b);
  return {
    runs: sorted.length,
    p50Seconds: quantile(sorted, 0.5),
    p90Seconds: quantile(sorted, 0.9),
    slowerThanPercent:
      (sorted.filter((past) => past < elapsedSeconds).length / sorted.length) * 100,
  };
}

/** What is needed of a run to estimate it. */
export interface EstimatedRun {
  readonly runId: string;
  readonly tenantId: string;
  readonly mode: string;
  readonly startedAt: string | null;
}

/** What is known of how long a run takes: the band, or null with the number of past runs that are too few for one. */
export interface RunOutlook {
  readonly estimate: Estimate | null;
  readonly pastRuns: number;
}

/** Outlooks of open runs by run id, from past good runs of the same tenant and mode. One statement for all. */
export async function readEstimates(
  runs: readonly EstimatedRun[],
  now: number,
  db?: Db,
): Promise<Map<string, RunOutlook>> {
  if (runs.length === 0) return new Map();
  const found = await durations(
    { tenants: runs.map((run) => run.tenantId), modes: runs.map((run) => run.mode) },
    db,
  );
  const byKind = new Map(found.map((row) => [`${row.tenantId} ${row.mode}`, row.seconds]));
  return new Map(
    runs.map((run) => {
      const elapsed = run.startedAt === null ? 0 : (now - Date.parse(run.startedAt)) / 1000;
      const seconds = byKind.get(`${run.tenantId} ${run.mode}`) ?? [];
      return [run.runId, { estimate: estimateFrom(seconds, elapsed), pastRuns: seconds.length }];
    }),
  );
}
