import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

import { LocalStore } from "@/server/canonical/local-store";
import { openForVerb } from "@/server/cli/open-for-verb";
import { type CliContext, UsageError } from "@/server/cli/verb";
import { closeDb } from "@/server/clickhouse/client";
import { overrideEnv } from "@/server/env";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";

import { findRegressions, readBaseline, writeBaseline } from "./baseline";
import type { Benchmark } from "./benchmark";
import { BENCHMARKS } from "./benchmarks";
import type { Readings } from "./figures";
import { toJson, toLines } from "./report";

interface Flags {
  json?: boolean;
  rows?: string;
  rounds?: string;
  only?: string[];
  check?: boolean;
  "write-baseline"?: boolean;
}

/**
 * Runs benchmarks in a data directory of their own and prints a table, or with --json one object.
 *
 * @returns 1 where --check finds a ratio that got worse by more than the noise
 */
export async function main(context: CliContext): Promise<number> {
  const flags = context.flags as Flags;
  const rows = positive(flags.rows, "rows", 1_000_000);
  const rounds = positive(flags.rounds, "rounds", 5);
  const chosen = choose(flags.only);
  const baseline = flags.check === true ? await readBaseline() : undefined;
  let readings: Readings = {};
  for (const benchmark of chosen) {
    readings = { ...readings, ...(await measure(context, benchmark, rows, rounds)) };
  }
  if (flags.json === true) {
    context.print(JSON.stringify({ machine: machine(), rows, rounds, ...toJson(readings) }));
  } else {
    context.print(`machine: ${machine()}; a million is ${rows} rows; ${rounds} rounds`);
    for (const line of toLines(readings)) context.print(line);
  }
  if (flags["write-baseline"] === true) await writeBaseline(machine(), readings);
  if (baseline === undefined) return 0;
  const worse = findRegressions(baseline, readings);
  for (const { key, was, is, noise } of worse) {
    context.say(`${key} got worse: ${is}, baseline ${was}, noise ${(noise * 100).toFixed(0)} %.`);
  }
  if (worse.length === 0)
    context.say("No ratio is worse than the baseline by more than the noise.");
  return worse.length === 0 ? 0 : 1;
}

/** One benchmark on a server and a store of its own, so that none measures what another left behind. */
async function measure(
  context: CliContext,
  benchmark: Benchmark,
  rows: number,
  rounds: number,
): Promise<Readings> {
  const directory = await mkdtemp(join(tmpdir(), "avesa-bench-"));
  const store = join(directory, "canonical");
  overrideEnv({ DATA_DIR: directory, CANONICAL_STORE: store });
  try {
    const db = await openForVerb({ say: () => {} }, "avesa bench");
    return await benchmark.run({
      db,
      runs: runContext(db, new LocalStore(store)),
      store,
      rows,
      rounds,
      signal: context.signal,
      say: (line) => context.say(line),
    });
  } finally {
    stopHeartbeat();
    await closeDb();
    await rm(directory, { recursive: true, force: true });
  }
}

function choose(only: readonly string[] | undefined): readonly Benchmark[] {
  if (only === undefined) return BENCHMARKS;
  const names = BENCHMARKS.map(({ name }) => name);
  const unknown = only.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `There is no benchmark "${unknown.join(", ")}". There are ${names.join(", ")}.`,
      "bench",
    );
  }
  return BENCHMARKS.filter(({ name }) => only.includes(name));
}

function machine(): string {
  const models = cpus();
  return `${models.length} × ${models[0]?.model ?? "unknown CPU"}, ${Math.round(totalmem() / 1024 ** 3)} GiB, Node ${process.version}`;
}

function positive(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) {
    throw new UsageError(`--${flag} must be a whole number above 0.`, "bench");
  }
  return value;
}
