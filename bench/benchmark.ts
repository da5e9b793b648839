import type { Db } from "@/server/clickhouse/client";
import type { RunContext } from "@/server/runs/run-context";

import type { Readings } from "./figures";

/** What a benchmark works with. All of one run of the bench share the server and the data directory. */
export interface Bench {
  readonly db: Db;
  /** For loads through the runner, into the bench's own canonical store. */
  readonly runs: RunContext;
  /** The canonical store's directory. */
  readonly store: string;
  /** Rows of what is called a million; 1,000,000 unless the run is a small one. */
  readonly rows: number;
  /** Measurements of each thing. */
  readonly rounds: number;
  readonly signal: AbortSignal;
  /** Tells the person who waits what is going on. */
  say(line: string): void;
}

/** One benchmark: makes its data, measures, drops its data. */
export interface Benchmark {
  /** The part of its figures' keys before the dot. */
  readonly name: string;
  run(bench: Bench): Promise<Readings>;
}
