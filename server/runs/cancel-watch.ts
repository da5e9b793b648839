import type { Db } from "@/server/clickhouse/client";
import { log } from "@/server/log";

import { findCancelRequest } from "./run-store";

const POLL_MS = 1_000;

interface Watched {
  readonly db: Db;
  readonly runId: string;
  readonly onRequest: (requestedBy: string) => void;
}

/** All that is watched in this process: asked for at the same moments, so that one statement asks for all. */
const watched = new Map<Watched, { isAsking: boolean }>();
let timer: NodeJS.Timeout | undefined;

/**
 * Watches for a request to cancel a run, wherever it is made.
 *
 * @returns how to stop that
 */
export function watchCancel(
  db: Db,
  runId: string,
  onRequest: (requestedBy: string) => void,
): () => void {
  const one: Watched = { db, runId, onRequest };
  watched.set(one, { isAsking: false });
  timer ??= setInterval(askForAll, POLL_MS);
  return () => {
    watched.delete(one);
    if (watched.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function askForAll(): void {
  for (const [one, state] of watched) {
    if (state.isAsking) continue;
    state.isAsking = true;
    findCancelRequest(one.db, one.runId)
      .then((by) => {
        if (by !== undefined && watched.has(one)) one.onRequest(by);
      })
      // A database that cannot be asked fails the run's own statements too.
      .catch((error: unknown) => log().debug({ error }, "could not ask whether to cancel"))
      .finally(() => {
        state.isAsking = false;
      });
  }
}
