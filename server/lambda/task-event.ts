import { z } from "zod";

import { TaskError } from "@/server/runs/task-error";

/** What the state machine hands to every task; see `Parameters` in server/runs/state-machine.asl.json. */
const TaskEvent = z.looseObject({
  run_id: z.string().min(1),
  tenant_id: z.string().min(1),
  table_name: z.string().optional(),
  state: z.string().min(1),
  retry_count: z.number().int().min(0),
});
export type TaskEvent = z.infer<typeof TaskEvent>;

/** @throws TaskError InvalidInput, which is not tried again, naming every field that is wrong */
export function readTaskEvent(event: unknown): TaskEvent {
  const parsed = TaskEvent.safeParse(event);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new TaskError(
    "InvalidInput",
    `The task was called with another input: ${faults.join("; ")}.`,
  );
}
