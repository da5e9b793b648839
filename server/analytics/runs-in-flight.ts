import type { RunsInFlightReply } from "@/lib/contracts/runs";
import { RUN_STATES, isOpenRun } from "@/lib/status";
import type { Db } from "@/server/clickhouse/client";
import { readEstimates } from "./run-estimates";
import { countRuns, readNewestRuns } from "./run-list";

const SHOWN = 12;

/** Runs that are not over, newest first, each with the band it should end in. At most twelve; `total` counts all. */
export async function readRunsInFlight(db?: Db): Promise<RunsInFlightReply> {
  const open = { status: RUN_STATES.filter(isOpenRun) };
  const [runs, total] = await Promise.all([readNewestRuns(open, SHOWN, db), countRuns(open, db)]);
  const now = Date.now();
  const estimates = await readEstimates(runs, now, db);
  return {
    asOf: new Date(now).toISOString(),
    rows: runs.map((run) => ({
      ...run,
      estimate: run.status === "stalled" ? null : (estimates.get(run.runId)?.estimate ?? null),
    })),
    total: total.count,
  };
}
