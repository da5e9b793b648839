import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

/** One call of a task of the state machine, as it is kept. Input and output are JSON. */
export const TaskCall = z.object({
  tableName: z.string(),
  state: z.string(),
  attempt: zCount,
  status: z.enum(["running", "succeeded", "failed", "cancelled"]),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  input: z.string(),
  output: z.string(),
  errorName: z.string(),
  error: z.string(),
});
export type TaskCall = z.infer<typeof TaskCall>;

const MOST = 2_000;

/** The calls of a run's tasks, oldest first; of more than 2 000 the newest. */
export async function findTaskCalls(db: Db, runId: string): Promise<TaskCall[]> {
  const newestFirst = await db.rows(
    {
      name: "runs.task-calls",
      params: { run_id: runId, most: MOST },
      sql: `SELECT table_name AS tableName, state, attempt, status, started_at AS startedAt, finished_at AS finishedAt,
  input, output, error_name AS errorName, error
FROM run_tasks FINAL WHERE run_id = {run_id:String}
ORDER BY call DESC LIMIT {most:UInt32}`,
    },
    TaskCall,
  );
  return newestFirst.toReversed();
}
