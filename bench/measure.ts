import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";

/** Several measurements of one thing, in milliseconds. */
export interface Measured {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly times: readonly number[];
}

export function summarize(times: readonly number[]): Measured {
  const sorted = [...times].sort((a, b) => a - b);
  return {
    median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
    least: sorted[0] ?? Number.NaN,
    most: sorted.at(-1) ?? Number.NaN,
    times,
  };
}

/** A value with the least and the most that was seen of it. */
export interface Spread {
  readonly value: number;
  readonly least: number;
  readonly most: number;
}

/** The median and spread in another unit. */
export function scaled(measured: Measured, factor: number): Spread {
  return {
    value: measured.median * factor,
    least: measured.least * factor,
    most: measured.most * factor,
  };
}

/** How many times longer the one takes than the other: of the medians, and the spread of the rounds taken in turns. */
export function ratioOf(one: Measured, other: Measured): Spread {
  const rounds = one.times.map((ms, round) => ms / (other.times[round] ?? Number.NaN));
  return {
    value: one.median / other.median,
    least: Math.min(...rounds),
    most: Math.max(...rounds),
  };
}

/** The value that the given share of the values does not pass: 0.95 gives the p95. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** Milliseconds that the work takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Measures several ways of doing something in turns, so that what else the machine does falls on all of them alike.
 *
 * @returns one measurement a way, in their order
 */
export async function inTurns(
  rounds: number,
  ways: readonly (() => Promise<number>)[],
): Promise<Measured[]> {
  const times: number[][] = ways.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, way] of ways.entries()) times[index]?.push(await way());
  }
  return times.map(summarize);
}

/** The most memory this process held while the work ran, in MB (resident set, looked at ten times a second). */
export async function peakMemoryMb(work: () => Promise<unknown>): Promise<number> {
  let peak = process.memoryUsage().rss;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 100);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return Math.max(peak, process.memoryUsage().rss) / 1024 ** 2;
}

/** CPU time the server has used so far, in milliseconds. */
export async function serverCpuMs(db: Db): Promise<number> {
  const { ms } = await db.row(
    {
      name: "bench.cpu",
      sql: "SELECT toFloat64(value) / 1000 AS ms FROM system.events WHERE event = 'OSCPUVirtualTimeMicroseconds'",
    },
    z.object({ ms: z.number() }),
  );
  return ms;
}
