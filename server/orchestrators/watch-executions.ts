import { log } from "@/server/log";
import type { RunContext } from "@/server/runs/run-context";

import { syncRuns } from "./sync-run";

const POLL_MS = 5_000;

/** Holds runs against Step Functions every few seconds, until it is stopped. */
export function watchExecutions(context: RunContext): { stop(): Promise<void> } {
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const loop = async (): Promise<void> => {
    try {
      await syncRuns(context);
    } catch (error) {
      log().warn({ error }, "runs could not be held against Step Functions");
    }
    if (!isStopped) timer = setTimeout(() => (looking = loop()), POLL_MS);
  };
  let looking = loop();
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
