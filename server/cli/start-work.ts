import { openCanonicalStore } from "@/server/canonical/open-store";
import type { Db } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { watchExecutions } from "@/server/orchestrators/watch-executions";
import { stopHeartbeat } from "@/server/runs/lease";
import { Places } from "@/server/runs/places";
import { runContext } from "@/server/runs/run-context";
import { startWorker } from "@/server/runs/worker";
import { startScheduler } from "@/server/schedules/scheduler";

export interface Work {
  /** Starts and begins nothing more; batches at work may finish for AVESA_DRAIN_SECONDS. */
  stop(): Promise<void>;
}

/**
 * Carries runs out and starts increments, as the settings say: what a console does beside its screen. Each server that
 * tenants are spread over has a queue, places and a scheduler of its own, so that one that is slow or away holds up no other.
 *
 * @param db of the first server
 */
export function startWork(db: Db): Work {
  const works = db.shards.map(startOnServer);
  return {
    async stop() {
      await Promise.all(works.map(async (work) => work.stop()));
      stopHeartbeat();
    },
  };
}

function startOnServer(db: Db): Work {
  const settings = env();
  const context = runContext(db, openCanonicalStore(), {
    places: new Places(settings.AVESA_TABLES_AT_ONCE),
    drainMs: settings.AVESA_DRAIN_SECONDS * 1000,
    ...(db.connection.embedded ? { serverMemoryBytes: settings.CLICKHOUSE_MAX_MEMORY_BYTES } : {}),
  });
  const worker = startWorker(context);
  const executions =
    settings.STATE_MACHINE_ARN === undefined ? undefined : watchExecutions(context);
  const scheduler =
    settings.AVESA_SCHEDULES === "on"
      ? startScheduler(context, {
          landing: settings.AVESA_LANDING,
          listingMs: settings.AVESA_LISTING_SECONDS * 1000,
        })
      : undefined;
  return {
    async stop() {
      await Promise.all([scheduler?.stop(), executions?.stop(), worker.stop()]);
    },
  };
}
