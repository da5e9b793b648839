import { setTimeout as wait } from "node:timers/promises";

import { executeRun } from "@/server/runs/execute-run";
import { watchExecutions } from "@/server/orchestrators/watch-executions";
import type { RunContext } from "@/server/runs/run-context";
import { findRun } from "@/server/runs/run-store";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";

import type { CliContext } from "./verb";
import { watchRun } from "./watch-run";

/** Between two tries to take up a run that another process carries out. */
const BUSY_MS = 2_000;

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
    let end = await executeRun(runs, runId, context.signal);
    // Whoever carries it out may die, and then it is carried on here.
    while ("busy" in end && !context.signal.aborted && !(await endsWithin(BUSY_MS, watching))) {
      end = await executeRun(runs, runId, context.signal);
    }
    if ("left" in end) {
      context.say(
        "Interrupted. The run goes on with the next load of this tenant, or with the console.",
      );
    }
  } finally {
    stopWatching.abort();
    await watching;
  }
  return summarizeRun(runs.db, runId);
}

async function endsWithin(ms: number, work: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  try {
    return await Promise.race([work.then(() => true), wait(ms, false, { signal: timer.signal })]);
  } finally {
    timer.abort();
  }
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
