import { z } from "zod";
import type { ThroughputReply, ThroughputWindow } from "@/lib/contracts/throughput";
import type { Db } from "@/server/clickhouse/client";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { zInstant, zMeasure } from "./row-types";

/** Window and bucket in seconds: 72, 96 and 84 buckets, each a divisor of the hour or a multiple of it. */
const WINDOWS: Record<ThroughputWindow, { seconds: number; bucket: number }> = {
  "6h": { seconds: 6 * 3600, bucket: 300 },
  "24h": { seconds: 24 * 3600, bucket: 900 },
  "7d": { seconds: 7 * 24 * 3600, bucket: 7200 },
};

/**
 * A batch's rows are spread over the seconds it took, so that a long bulk load is a plateau and not a spike at its
 * end. A bucket in which a run was at work but published nothing is 0; one without any run is absent.
 */
const buckets = fleetQuery({
  name: "fleet.throughput",
  sql: `
WITH
    {bucket:UInt32} AS width,
    toUnixTimestamp(now()) AS now_s,
    intDiv(now_s - {window:UInt32}, width) AS first_bucket,
    intDiv(now_s, width) AS last_bucket
SELECT
    toDateTime64(bucket * width, 3, 'UTC') AS at,
    sum(rows_read) AS read,
    sum(rows_rejected) AS rejected
FROM
(
    SELECT
        arrayJoin(range(toUInt64(greatest(intDiv(start_s, width), first_bucket)), toUInt64(intDiv(end_s, width) + 1))) AS bucket,
        (least(end_s, toFloat64((bucket + 1) * width)) - greatest(start_s, toFloat64(bucket * width))) / greatest(end_s - start_s, 0.001) AS share,
        read * share AS rows_read,
        rejected * share AS rows_rejected
    FROM
    (
        SELECT
            read, rejected,
            toFloat64(toUnixTimestamp64Milli(published_at)) / 1000 AS end_s,
            end_s - greatest(seconds, 0.001) AS start_s
        FROM batches FINAL
        WHERE published_at >= now64(3, 'UTC') - toIntervalSecond({window:UInt32})
    )
    UNION ALL
    SELECT
        arrayJoin(range(
            toUInt64(greatest(intDiv(toUnixTimestamp(started_at), width), first_bucket)),
            toUInt64(intDiv(toUnixTimestamp(if(finished_at IS NULL, least(heartbeat_at, now64(3, 'UTC')), finished_at)), width) + 1)
        )) AS bucket,
        0. AS share, 0. AS rows_read, 0. AS rows_rejected
    FROM runs FINAL
    WHERE started_at IS NOT NULL
        AND coalesce(finished_at, heartbeat_at) >= now64(3, 'UTC') - toIntervalSecond({window:UInt32})
)
WHERE bucket BETWEEN first_bucket AND last_bucket
GROUP BY bucket
ORDER BY bucket`,
  params: z.object({ window: z.number().int(), bucket: z.number().int() }),
  row: z.object({ at: zInstant, read: zMeasure, rejected: zMeasure }),
  maxSeconds: 10,
  // Of a chart whose narrowest bucket is five minutes.
  cacheSeconds: 5,
});

/** Rows a second and share of rejects over time, all tenants, one entry per bucket and null where nothing ran. */
export async function readThroughput(window: ThroughputWindow, db?: Db): Promise<ThroughputReply> {
  const { seconds, bucket } = WINDOWS[window];
  const found = await buckets({ window: seconds, bucket }, db);
  const now = Date.now();
  const byTime = new Map(found.map((row) => [Date.parse(row.at), row]));
  const width = bucket * 1000;
  const first = Math.ceil((now - seconds * 1000) / width) * width;
  const times = Array.from(
    { length: Math.floor((now - first) / width) + 1 },
    (_, index) => first + index * width,
  );
  return {
    asOf: new Date(now).toISOString(),
    window,
    bucketSeconds: bucket,
    buckets: times.map((time) => {
      const row = byTime.get(time);
      // The bucket that is still filling is divided by the part of it that has passed.
      const passed = Math.max(1, Math.min(width, now - time) / 1000);
      return {
        at: new Date(time).toISOString(),
        rowsPerSecond: row === undefined ? null : row.read / passed,
        rejectedPercent:
          row === undefined ? null : row.read > 0 ? (row.rejected / row.read) * 100 : 0,
      };
    }),
    read: Math.round(found.reduce((total, row) => total + row.read, 0)),
    rejected: Math.round(found.reduce((total, row) => total + row.rejected, 0)),
  };
}
