import { niceTicks } from "@/components/charts/nice-scale";
import { formatPercent, formatShort, THIN } from "@/lib/format";
import { formatClock, formatMoment, spellDuration } from "@/lib/time";
import { type TimeTick, timeTicks } from "@/lib/time-axis";

export interface ThroughputInput {
  /** Start of the bucket, ISO or ms. Null figures mean that no run was at work: a gap, not a zero. */
  at: string | number;
  rowsPerSecond: number | null;
  /** 0 to 100. */
  rejectedPercent: number | null;
}

export interface ThroughputPoint {
  ms: number;
  rate: number | null;
  rejected: number | null;
}

export interface ChartGap {
  fromMs: number;
  toMs: number;
  /** `no data, 15 min`; null where the gap is too narrow for words. */
  label: string | null;
}

export interface ThroughputModel {
  fromMs: number;
  toMs: number;
  bucketMs: number;
  /** With one more at the end, so that the last step has its width. */
  points: readonly ThroughputPoint[];
  ticks: readonly TimeTick[];
  rateTicks: readonly number[];
  /** The depth of the axis below, in per cent. */
  rejectedTop: number;
  gaps: readonly ChartGap[];
  /** The newest bucket with work, or null when there was none at all. */
  latest: { ms: number; rate: number; rejected: number } | null;
  /** The middle of all rejected shares, per cent. */
  usualRejected: number;
  /** The sentence that the chart proves. */
  sentence: string;
  rows: readonly { label: string; rate: string; rejected: string }[];
}

/**
 * Rows a second over time and the share rejected, ready to draw.
 * @param input oldest first, one bucket after the other
 * @param bucketSeconds the length of each
 */
export function prepareThroughput(
  input: readonly ThroughputInput[],
  bucketSeconds: number,
  timeZone: string,
): ThroughputModel {
  const bucketMs = bucketSeconds * 1000;
  const points = input.map((bucket) => ({
    ms: typeof bucket.at === "number" ? bucket.at : Date.parse(bucket.at),
    rate: bucket.rowsPerSecond,
    rejected: bucket.rejectedPercent,
  }));
  const fromMs = points[0]?.ms ?? 0;
  const toMs = (points.at(-1)?.ms ?? 0) + bucketMs;
  const worked = points.filter((point) => point.rate !== null);
  const last = worked.at(-1);
  const latest = last ? { ms: last.ms, rate: last.rate ?? 0, rejected: last.rejected ?? 0 } : null;
  const usualRejected = median(worked.map((point) => point.rejected ?? 0));
  const gaps = gapsOf(points, bucketMs, toMs - fromMs);
  const final = points.at(-1);
  const deepest = Math.max(0, ...points.map((point) => point.rejected ?? 0));

  return {
    fromMs,
    toMs,
    bucketMs,
    points: final ? [...points, { ms: toMs, rate: final.rate, rejected: null }] : [],
    ticks: timeTicks(fromMs, toMs, timeZone, 6),
    rateTicks: niceTicks(Math.max(0, ...points.map((point) => point.rate ?? 0))),
    rejectedTop: niceTicks(Math.max(1, deepest), 1).at(-1) ?? 1,
    gaps,
    latest,
    usualRejected,
    sentence: sentenceOf(points, latest, usualRejected, timeZone),
    rows: points.map((point) => ({
      label: formatMoment(point.ms, timeZone),
      rate: point.rate === null ? "no run" : `${formatShort(point.rate)} rows/s`,
      rejected: point.rejected === null ? "" : formatPercent(point.rejected / 100),
    })),
  };
}

function gapsOf(points: readonly ThroughputPoint[], bucketMs: number, span: number): ChartGap[] {
  const gaps: ChartGap[] = [];
  for (const point of points) {
    if (point.rate !== null) continue;
    const open = gaps.at(-1);
    if (open && open.toMs === point.ms) open.toMs = point.ms + bucketMs;
    else gaps.push({ fromMs: point.ms, toMs: point.ms + bucketMs, label: null });
  }
  // A gap of one bucket is the breath between two increments; words are for those that an operator asks about.
  return gaps.map((gap) => ({
    ...gap,
    label:
      gap.toMs - gap.fromMs > span / 12
        ? `no data, ${spellDuration((gap.toMs - gap.fromMs) / 1000)}`
        : null,
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return 0;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function sentenceOf(
  points: readonly ThroughputPoint[],
  latest: ThroughputModel["latest"],
  usual: number,
  timeZone: string,
): string {
  if (latest === null) return "No run was at work in this time.";
  const risen = risenSince(points, usual);
  if (risen !== null) return `Rejects rose at ${formatClock(risen, timeZone)}.`;
  const worst = Math.max(0, ...points.map((point) => point.rejected ?? 0));
  return worst === 0
    ? "Nothing was rejected."
    : `Rejects stayed at or below ${formatPercent(worst / 100).replace(" ", THIN)}.`;
}

/** Since when the rejects have been at least three times the usual share without a break, when that lasts to this day and is worth a word. */
function risenSince(points: readonly ThroughputPoint[], usual: number): number | null {
  const limit = Math.max(0.5, usual * 3);
  let since: number | null = null;
  for (const point of points.toReversed()) {
    if (point.rate === null) continue;
    if ((point.rejected ?? 0) < limit) break;
    since = point.ms;
  }
  return since;
}
