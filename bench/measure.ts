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
