import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

const POLL_MS = 250;

/** Waits until these runs have ended, however. */
export async function untilEnded(
  db: Db,
  runIds: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const { open } = await db.row(
      {
        name: "bench.open-runs",
        params: { run_ids: runIds },
        sql: "SELECT count() AS open FROM runs FINAL WHERE run_id IN {run_ids:Array(String)} AND isNull(finished_at)",
      },
      z.object({ open: zCount }),
    );
    if (open === 0) return;
    await wait(POLL_MS, undefined, { signal });
  }
}
