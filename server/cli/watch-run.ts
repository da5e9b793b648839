import { setTimeout as wait } from "node:timers/promises";

import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { ClickHouseError } from "@/server/clickhouse/error";
import { findRun } from "@/server/runs/run-store";

const POLL_MS = 500;

/**
 * Says what happens to a run, one line an event or a change of progress, until it ends or the signal comes.
 *
 * @param say one line for the person who waits
 */
export async function watchRun(
  db: Db,
  runId: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let seen = 0;
  const progress = new Map<string, string>();
  const look = async (): Promise<void> => {
    for (const event of await eventsAfter(db, runId, seen)) {
      seen = event.sequence;
      say(`${event.at}  ${event.table_name === "" ? "" : `${event.table_name}: `}${event.message}`);
    }
    for (const table of await progressOf(db, runId)) {
      const line = `${table.table_name}: ${table.step} ${table.rows_done} of ${table.rows_total} rows, ${table.objects_done} of ${table.objects_total} objects`;
      if (table.status === "running" && progress.get(table.table_name) !== line) say(line);
      progress.set(table.table_name, line);
    }
  };
  while (!signal.aborted) {
    try {
      await look();
      const run = await findRun(db, runId);
      if (run?.finished_at != null || run?.status === "waiting_approval") break;
    } catch (error) {
      if (!(error instanceof ClickHouseError) || !error.transient) throw error;
      say(`${error.message}; waiting for it.`);
    }
    await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
  await look();
}

async function eventsAfter(
  db: Db,
  runId: string,
  sequence: number,
): Promise<{ at: string; sequence: number; table_name: string; message: string }[]> {
  return db.rows(
    {
      name: "cli.run-events",
      params: { run_id: runId, sequence },
      sql: `SELECT at, sequence, table_name, message FROM run_events
WHERE run_id = {run_id:String} AND sequence > {sequence:UInt64} ORDER BY sequence`,
    },
    z.object({ at: z.string(), sequence: zCount, table_name: z.string(), message: z.string() }),
  );
}

const Progress = z.object({
  table_name: z.string(),
  status: z.string(),
  step: z.string(),
  rows_done: zCount,
  rows_total: zCount,
  objects_done: zCount,
  objects_total: zCount,
});

async function progressOf(db: Db, runId: string): Promise<z.infer<typeof Progress>[]> {
  return db.rows(
    {
      name: "cli.run-progress",
      params: { run_id: runId },
      sql: `SELECT table_name, status, step, rows_done, rows_total, objects_done, objects_total
FROM run_tables FINAL WHERE run_id = {run_id:String} ORDER BY table_name`,
    },
    Progress,
  );
}
