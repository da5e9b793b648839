import { ulid } from "ulid";

import type { Db } from "@/server/clickhouse/client";
import { countLetters } from "@/server/dlq/count-letters";
import { nextVersion } from "@/server/runs/version";

import type { Bench, Benchmark } from "./benchmark";
import { type ListPage, pagesOf } from "./console-pages";
import { percentile, time } from "./measure";
import { SEEN_TENANT, makeOperations } from "./operations";

const TENANTS = 300;
/** Readings of each page a round. */
const READINGS_A_ROUND = 4;

/**
 * What the server does for each list page of a console that a month of runs lies behind: the reads of the page, from the
 * functions that pages and API routes share, through the account of the screens. Dead letters were counted, as the console
 * does while it is looked at, and one more comes in before each reading.
 */
export const consolePages: Benchmark = {
  name: "console",
  async run(bench) {
    bench.say(`console: ${bench.rows / 10} runs, ${bench.rows} dead letters, ${TENANTS} tenants`);
    await makeOperations(bench.db, {
      tenants: TENANTS,
      runs: Math.floor(bench.rows / 10),
      deadLetters: bench.rows,
      versions: bench.rows,
    });
    await countLetters(bench.db);
    const figures = [];
    for (const page of await pagesOf(bench)) figures.push(await measurePage(bench, page));
    for (const { name, median, p95 } of figures.toSorted((a, b) => b.p95 - a.p95))
      bench.say(`console: ${name.padEnd(32)} ${median.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`);
    return { "console.p95Ms": { value: Math.max(...figures.map(({ p95 }) => p95)) } };
  },
};

async function measurePage(
  { db, rounds }: Bench,
  { name, read }: ListPage,
): Promise<{ name: string; median: number; p95: number }> {
  // Unmeasured: the first reads find nothing in the caches.
  await read();
  const times: number[] = [];
  for (let reading = 0; reading < rounds * READINGS_A_ROUND; reading++) {
    await failOnceMore(db);
    times.push(await time(read));
  }
  return { name, median: percentile(times, 0.5), p95: percentile(times, 0.95) };
}

/** A dead letter that nobody has counted yet. */
async function failOnceMore(db: Db): Promise<void> {
  const now = new Date().toISOString();
  await db.insert("dead_letters", [
    {
      dead_letter_id: ulid(),
      tenant_id: SEEN_TENANT,
      table_name: "tickets",
      kind: "record",
      fingerprint: "bench",
      cause: "status is missing",
      first_seen: now,
      last_seen: now,
      attempts: 1,
      status: "open",
      version: nextVersion(),
    },
  ]);
}
