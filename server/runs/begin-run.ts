import type { Db } from "@/server/clickhouse/client";

import { type Execution, tell } from "./execution";
import { type Run, writeRun } from "./run-store";

/**
 * Says on the run's row that it is being carried out.
 *
 * @param worker who gives signs of life for it from now on
 */
export async function beginRun(db: Db, stored: Run, worker: string): Promise<Run> {
  const now = new Date().toISOString();
  const run: Run = {
    ...stored,
    status: "running",
    worker,
    started_at: stored.started_at ?? now,
    heartbeat_at: now,
  };
  await writeRun(db, run);
  return run;
}

/** Says in the run's events that it begins, or that it goes on after another worker stopped. Behind a decision on its plan it goes on without a word. */
export function tellBegun(execution: Execution, stored: Run): void {
  if (stored.started_at === null) {
    tell(execution, "info", "run_started", introduction(execution.run));
  } else if (stored.worker !== "") {
    tell(execution, "info", "run_resumed", `Goes on where process ${stored.worker} stopped.`);
  }
}

const WORDS: Readonly<Record<string, string>> = {
  bulk: "Bulk load",
  incremental: "Increment",
  replay: "Replay of dead letters",
};

function introduction(run: Run): string {
  const what = WORDS[run.mode] ?? run.mode;
  return `${what} of ${run.tables.join(", ") || "all tables"}, asked for by ${run.requested_by} (${run.trigger}).`;
}
