import type { Db } from "@/server/clickhouse/client";
import { type Lease, LeaseLostError } from "@/server/runs/lease";
import { findRun } from "@/server/runs/run-store";

/**
 * The right to write of a run that Step Functions carries out: there is one execution of it, so whatever its tasks do is
 * right until the run has ended. A task that outlives its execution finds that it has not this right any more.
 */
export function executionLease(db: Db, runId: string): Lease {
  const name = `execution:${runId}`;
  return {
    name,
    token: "",
    async assertHeld() {
      const run = await findRun(db, runId);
      if (run === undefined || run.finished_at !== null) throw new LeaseLostError(name);
    },
    release: () => Promise.resolve(),
  };
}
