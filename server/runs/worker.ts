import { setMaxListeners } from "node:events";

import { sweepDeadLetters } from "@/server/dlq/retention";
import { log } from "@/server/log";
import { expirePlans } from "@/server/plans/expire-plans";

import { executeRun } from "./execute-run";
import { clearLeftovers, findHolder, runLease } from "./lease";
import { type QueuedRun, findQueue, inOrder, isInTheWay } from "./queue";
import type { RunContext } from "./run-context";
import { type Run, findRuns } from "./run-store";

const POLL_MS = 400;
const ORPHAN_POLL_MS = 5_000;
const SWEEP_MS = 3_600_000;
/** Runs in hand at once: how much of them is worked on at once is up to the places (see Places). */
const RUNS_AT_ONCE = 32;

const UNFINISHED = ["running", "retrying", "stalled"];

export interface Worker {
  /**
   * Begins nothing more; what is at work may finish its batches for a bounded time. A run that is not at its end then is
   * found by the next start, which goes on where it stands.
   */
  stop(): Promise<void>;
}

type InHand = Pick<QueuedRun, "run_id" | "tenant_id" | "tables">;

/** Picks up queued runs, and runs that a dead process left behind, and carries them out; tenants take turns. */
export function startWorker(context: RunContext): Worker {
  const drain = new AbortController();
  // Every run in hand listens for the end, and ceases to when it is over.
  setMaxListeners(RUNS_AT_ONCE, drain.signal);
  const inHand = new Map<string, { run: InHand; done: Promise<void> }>();
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();
  let lastOrphanLook = 0;
  let lastSweep = 0;

  const begin = (run: InHand): void => {
    if (drain.signal.aborted || inHand.has(run.run_id) || inHand.size >= RUNS_AT_ONCE) return;
    const done = executeRun(context, run.run_id, drain.signal)
      .then(
        (end) => log().info({ run: run.run_id, ...end }, "run ended"),
        (error: unknown) => log().error({ run: run.run_id, error }, "run could not be carried out"),
      )
      .finally(() => inHand.delete(run.run_id));
    inHand.set(run.run_id, { run, done });
  };

  const look = async (): Promise<void> => {
    const queue = await findQueue(context.db);
    const atWork = [...inHand.values()].map(({ run }) => run);
    for (const run of inOrder(
      queue.filter(({ run_id }) => !inHand.has(run_id)),
      atWork.map(({ tenant_id }) => tenant_id),
    )) {
      const others = [...inHand.values()].map((one) => one.run);
      if (!others.some((other) => isInTheWay(run, other))) begin(run);
    }
    if (Date.now() - lastOrphanLook < ORPHAN_POLL_MS) return;
    lastOrphanLook = Date.now();
    for (const run of await findOrphans(context)) begin(run);
    await expirePlans(context);
    if (Date.now() - lastSweep >= SWEEP_MS) {
      lastSweep = Date.now();
      await sweepDeadLetters(context.db);
    }
    await clearLeftovers(context.db);
  };

  const loop = async (): Promise<void> => {
    try {
      await look();
    } catch (error) {
      log().warn({ error }, "the worker could not look for runs");
    }
    if (!drain.signal.aborted) timer = setTimeout(() => (looking = loop()), POLL_MS);
  };
  looking = loop();

  return {
    async stop() {
      clearTimeout(timer);
      drain.abort();
      await looking;
      await Promise.all([...inHand.values()].map(({ done }) => done));
    },
  };
}

/** Runs that were begun and that nobody alive carries out, oldest first. */
async function findOrphans(
  context: RunContext,
  tenantId?: string,
  statuses: readonly string[] = UNFINISHED,
): Promise<Run[]> {
  const runs = await findRuns(context.db, statuses, tenantId);
  const holders = await Promise.all(
    runs.map(async ({ run_id }) => findHolder(context.db, runLease(run_id))),
  );
  return runs.filter((_, place) => holders[place] === undefined);
}

/**
 * Carries out what dead processes left behind, queued runs among it, and takes away their leases and staging tables.
 *
 * @param tenantId only this tenant's runs
 * @param drain aborted when this process is to end
 * @returns the runs, as they were found
 */
export async function recoverRuns(
  context: RunContext,
  tenantId?: string,
  drain?: AbortSignal,
): Promise<Run[]> {
  const orphans = await findOrphans(context, tenantId, ["queued", ...UNFINISHED]);
  for (const run of orphans) await executeRun(context, run.run_id, drain);
  await clearLeftovers(context.db);
  return orphans;
}
