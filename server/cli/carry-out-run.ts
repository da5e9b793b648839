import { executeRun } from "@/server/runs/execute-run";
import type { RunContext } from "@/server/runs/run-context";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";

import type { CliContext } from "./verb";
import { watchRun } from "./watch-run";

/** Runs the run here, or watches the console that was quicker to pick it up. */
export async function carryOutRun(
  context: Pick<CliContext, "say" | "signal">,
  runs: RunContext,
  runId: string,
): Promise<RunSummary> {
  const stopWatching = new AbortController();
  const watching = watchRun(runs.db, runId, context.say, stopWatching.signal);
  try {
    const end = await executeRun(runs, runId, context.signal);
    if ("left" in end) {
      context.say(
        "Interrupted. The run goes on with the next load of this tenant, or with the console.",
      );
    } else if ("busy" in end) {
      await watching;
    }
  } finally {
    stopWatching.abort();
    await watching;
  }
  return summarizeRun(runs.db, runId);
}
