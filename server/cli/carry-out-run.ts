import { executeRun } from "@/server/runs/execute-run";
import { watchExecutions } from "@/server/orchestrators/watch-executions";
import type { RunContext } from "@/server/runs/run-context";
import { findRun } from "@/server/runs/run-store";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";

import type { CliContext } from "./verb";
import { watchRun } from "./watch-run";

/**
 * Runs the run here, or watches whoever carries it out: the console that was quicker to pick it up, or Step Functions,
 * which it is held against meanwhile.
 */
export async function carryOutRun(
  context: Pick<CliContext, "say" | "signal">,
  runs: RunContext,
  runId: string,
): Promise<RunSummary> {
  if ((await findRun(runs.db, runId))?.orchestrator === "stepfunctions") {
    return watchElsewhere(context, runs, runId);
  }
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

async function watchElsewhere(
  context: Pick<CliContext, "say" | "signal">,
  runs: RunContext,
  runId: string,
): Promise<RunSummary> {
  const executions = watchExecutions(runs);
  try {
    await watchRun(runs.db, runId, context.say, context.signal);
    if (context.signal.aborted) context.say("The run goes on in Step Functions.");
  } finally {
    await executions.stop();
  }
  return summarizeRun(runs.db, runId);
}
