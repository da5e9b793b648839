import type { Db } from "@/server/clickhouse/client";
import { log } from "@/server/log";
import { orchestratorOf } from "@/server/orchestrators/open-orchestrator";

import { queueAgain } from "./queue-again";
import { findRun, markCancelRequested, requestCancel } from "./run-store";

/**
 * Asks for a run to be stopped. The process that carries it out stops what is at work and leaves the tables as they
 * were; a run that is still queued is stopped by whoever picks it up. An execution of Step Functions is stopped there. A run that has ended stays as it is.
 */
export async function cancelRun(
  db: Db,
  input: { readonly runId: string; readonly requestedBy: string },
): Promise<void> {
  const run = await findRun(db, input.runId);
  if (run === undefined || run.finished_at !== null) return;
  await requestCancel(db, run, input.requestedBy);
  await markCancelRequested(db, input.runId, input.requestedBy);
  // Nobody carries out a run that waits for an operator.
  await queueAgain(db, input.runId);
  try {
    await orchestratorOf(db, run).stop(run, input.requestedBy);
  } catch (error) {
    // The word stands with the run: its tasks look for it themselves, and the execution is asked to stop again.
    log().warn({ error, run: input.runId }, "an execution could not be stopped yet");
  }
}
