import type { Db } from "@/server/clickhouse/client";
import { nextVersion } from "@/server/runs/version";
import { workerId } from "@/server/runs/worker-identity";

/** How landed objects are noticed: a watched directory, a periodic listing, or not at all. */
export type LandingMode = "watch" | "listing" | "off";

export const SCHEDULER = "increments";

export interface SchedulerSays {
  /** ISO in UTC. */
  readonly startedAt: string;
  readonly landing: LandingMode;
  /** Why it is not `watch`, in words; '' where it is. */
  readonly message: string;
}

/** A sign of life of the process that starts increments, for screens. */
export async function writeSchedulerState(db: Db, says: SchedulerSays): Promise<void> {
  await db.insert("schedulers", [
    {
      scheduler: SCHEDULER,
      worker: workerId,
      started_at: says.startedAt,
      beat_at: new Date().toISOString(),
      landing: says.landing,
      message: says.message,
      version: nextVersion(),
    },
  ]);
}
