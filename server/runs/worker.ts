import { log } from "@/server/log";

import { executeRun } from "./execute-run";
import { clearLeftovers, findHolder, runLease } from "./lease";
import type { RunContext } from "./run-context";
import { type Run, findRuns } from "./run-store";

const POLL_MS = 400;
const ORPHAN_POLL_MS = 5_000;
/** Runs carried out at once by one process. */
const RUNS_AT_ONCE = 4;

const UNFINISHED = ["running", "retrying", "stalled"];

export interface Worker {
  /** Ends what is at work in order; what does not end is found by the next start. */
  stop(): Promise<void>;
}

/** Picks up queued runs, and runs that a dead process left behind, and carries them out. */
export function startWorker(context: RunContext): Worker {
  const drain = new AbortController();
  const atWork = new Map<string, Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let lastOrphanLook = 0;

  const begin = (run: Run): void => {
    if (atWork.has(run.run_id) || atWork.size >= RUNS_AT_ONCE) return;
    const done = executeRun(context, run.run_id, drain.signal)
      .then(
        (end) => log().info({ run: run.run_id, ...end }, "run ended"),
        (error: unknown) => log().error({ run: run.run_id, error }, "run could not be carried out"),
      )
      .finally(() => atWork.delete(run.run_id));
    atWork.set(run.run_id, done);
  };

  const look = async (): Promise<void> => {
    for (const run of await findRuns(context.db, ["queued"])) begin(run);
    if (Date.now() - lastOrphanLook < ORPHAN_POLL_MS) return;
    lastOrphanLook = Date.now();
    for (const run of await findOrphans(context)) begin(run);
    await clearLeftovers(context.db);
  };

  const loop = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      log().warn({ error }, "the worker could not look for runs");
    }
    if (!drain.signal.aborted) timer = setTimeout(() => void loop(), POLL_MS);
  };
  void loop();

  return {
    async stop() {
      clearTimeout(timer);
      drain.abort();
      await Promise.all(atWork.values());
    },
  };
}

/** Runs that were begun and that nobody alive carries out, oldest first. */
async function findOrphans(
  context: RunContext,
  tenantId?: string,
  statuses: readonly string[] = UNFINISHED,
): Promise<Run[]> {
  const orphans: Run[] = [];
  for (const run of await findRuns(context.db, statuses, tenantId)) {
    if ((await findHolder(context.db, runLease(run.run_id))) === undefined) orphans.push(run);
  }
  return orphans;
}

/**
 * Carries out what dead processes left behind, queued runs among it, and takes away their leases and staging tables.
 *
 * @param tenantId only this tenant's runs
 * @param drain aborted when this process is to end
 */
export async function recoverRuns(
  context: RunContext,
  tenantId?: string,
  drain?: AbortSignal,
): Promise<void> {
  for (const run of await findOrphans(context, tenantId, ["queued", ...UNFINISHED])) {
    await executeRun(context, run.run_id, drain);
  }
  await clearLeftovers(context.db);
}
