import "server-only";
import { env } from "@/server/env";

import { type Measurement, metricLines } from "./metric-lines";

/**
 * Puts figures into CloudWatch by way of a Lambda function's log; elsewhere they are lines on standard output and no more.
 * Each is one write, so that lines of work at the same time do not get into each other.
 */
export function putMetrics(measurements: readonly Measurement[]): void {
  const { METRICS_NAMESPACE: namespace, METRIC_DETAIL: detail } = env();
  for (const line of metricLines(measurements, { namespace, detail, at: Date.now() })) {
    process.stdout.write(`${line}\n`);
  }
}
