import { niceAgeTicks } from "@/components/charts/nice-scale";
import { formatAge, formatMoment, spellDuration } from "@/lib/time";
import { type TimeTick, timeTicks } from "@/lib/time-axis";

/** One good load of a table: when it became visible, and how new its newest data was. */
export interface AgeLoad {
  publishedMs: number;
  dataMs: number;
}

export interface AgePoint {
  ms: number;
  /** Seconds, null before the first load. */
  age: number | null;
  /** From the target up to the age, where it is beyond. */
  over: [number, number] | null;
  /** The age again, during a breach that lasts to this day. */
  live: number | null;
}

export interface AgeBreach {
  fromMs: number;
  toMs: number;
  highestSeconds: number;
  /** True when it lasts to the end of the axis. */
  open: boolean;
}

export interface AgeModel {
  fromMs: number;
  toMs: number;
  points: readonly AgePoint[];
  ticks: readonly TimeTick[];
  ageTicks: readonly number[];
  targetSeconds: number;
  breaches: readonly AgeBreach[];
  /** Until when nothing had been loaded, ms; null where something had been at the start of the axis. */
  loadedFromMs: number | null;
  /** The age at the end of the axis, null when nothing was ever loaded. */
  nowSeconds: number | null;
  sentence: string;
  rows: readonly { label: string; before: string; after: string }[];
}

/**
 * The age of a table as a saw-tooth: it rises by a second each second and falls when a load is published.
 * @param loads oldest first; one before the window tells the age at its start
 */
export function prepareAge({
  loads,
  fromMs,
  toMs,
  targetSeconds,
  timeZone,
}: {
  loads: readonly AgeLoad[];
  fromMs: number;
  toMs: number;
  targetSeconds: number;
  timeZone: string;
}): AgeModel {
  const vertices: { ms: number; age: number }[] = [];
  const rows: { label: string; before: string; after: string }[] = [];
  let newestData: number | null = null;
  for (const load of loads) {
    if (load.publishedMs > toMs) break;
    const before = newestData;
    // A late object does not make a table older again.
    newestData = Math.max(newestData ?? load.dataMs, load.dataMs);
    if (load.publishedMs < fromMs) continue;
    if (before === null)
      vertices.push({ ms: load.publishedMs, age: (load.publishedMs - newestData) / 1000 });
    else {
      if (vertices.length === 0)
        vertices.push({ ms: fromMs, age: Math.max(0, (fromMs - before) / 1000) });
      vertices.push({ ms: load.publishedMs, age: (load.publishedMs - before) / 1000 });
      vertices.push({ ms: load.publishedMs, age: (load.publishedMs - newestData) / 1000 });
    }
    rows.push({
      label: formatMoment(load.publishedMs, timeZone),
      before: before === null ? "never loaded" : formatAge((load.publishedMs - before) / 1000),
      after: formatAge((load.publishedMs - newestData) / 1000),
    });
  }
  if (newestData !== null) {
    if (vertices.length === 0)
      vertices.push({ ms: fromMs, age: Math.max(0, (fromMs - newestData) / 1000) });
    vertices.push({ ms: toMs, age: (toMs - newestData) / 1000 });
  }

  const crossed = withCrossings(vertices, targetSeconds);
  const breaches = breachesOf(crossed, targetSeconds, toMs);
  const live = breaches.find((breach) => breach.open);
  const nowSeconds = crossed.at(-1)?.age ?? null;
  const firstMs = crossed[0]?.ms ?? toMs;
  return {
    fromMs,
    toMs,
    targetSeconds,
    nowSeconds,
    loadedFromMs: firstMs > fromMs ? firstMs : null,
    breaches,
    rows,
    points: crossed.map((point) => ({
      ...point,
      over: point.age >= targetSeconds ? [targetSeconds, point.age] : null,
      live: live && point.ms >= live.fromMs && point.age >= targetSeconds ? point.age : null,
    })),
    ticks: timeTicks(fromMs, toMs, timeZone, 7),
    ageTicks: niceAgeTicks(Math.max(targetSeconds * 1.2, ...crossed.map((point) => point.age))),
    sentence: sentenceOf(nowSeconds, targetSeconds, breaches),
  };
}

/** Adds a point wherever the line crosses the target, so that a breach begins and ends exactly there. */
function withCrossings(
  vertices: readonly { ms: number; age: number }[],
  target: number,
): { ms: number; age: number }[] {
  return vertices.flatMap((vertex, index) => {
    const next = vertices[index + 1];
    if (!next || vertex.age >= target === next.age >= target) return [vertex];
    if (next.ms === vertex.ms) return [vertex, { ms: vertex.ms, age: target }];
    const share = (target - vertex.age) / (next.age - vertex.age);
    return [vertex, { ms: vertex.ms + (next.ms - vertex.ms) * share, age: target }];
  });
}

function breachesOf(
  points: readonly { ms: number; age: number }[],
  target: number,
  endMs: number,
): AgeBreach[] {
  const breaches: AgeBreach[] = [];
  let open: AgeBreach | null = null;
  for (const point of points) {
    if (point.age < target) {
      open = null;
      continue;
    }
    if (open === null) {
      open = { fromMs: point.ms, toMs: point.ms, highestSeconds: point.age, open: false };
      breaches.push(open);
    }
    open.toMs = point.ms;
    open.highestSeconds = Math.max(open.highestSeconds, point.age);
  }
  return breaches
    .filter((breach) => breach.highestSeconds > target)
    .map((breach) => ({ ...breach, open: breach.toMs === endMs }));
}

function sentenceOf(
  nowSeconds: number | null,
  target: number,
  breaches: readonly AgeBreach[],
): string {
  if (nowSeconds === null) return "Never loaded in this time.";
  const past = breaches.filter((breach) => !breach.open).length;
  const history =
    past === 0 ? "" : past === 1 ? " Once past it before." : ` ${past} times past it before.`;
  if (nowSeconds > target)
    return `${spellDuration(nowSeconds)} old, target ${spellDuration(target)}.${history}`;
  return `Within its target of ${spellDuration(target)}.${history}`;
}
