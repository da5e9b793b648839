import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type Execution, tell } from "./execution";
import type { TaskHandler } from "./interpreter";
import { versioned } from "./journal";
import { causeMessage } from "./task-cause";
import { taskErrorOf } from "./task-error";
import { nextVersion } from "./version";

/** One call of a task of the state machine. */
interface TaskCall {
  readonly table_name: string;
  readonly state: string;
  readonly call: string;
  readonly attempt: number;
  readonly started_at: string;
  readonly input: string;
}

/** The name under which a call is closed that nobody has heard the end of. */
const LOST = "Lost";
const LOST_WORDS = "The call before ended without a word: its process died, or its time was up.";

/**
 * A task's handler that keeps what each call was given and what came of it, in whatever process it is made. A call before
 * it that never said how it ended, because its process died, is closed.
 */
export function recorded(execution: Execution, handler: TaskHandler): TaskHandler {
  return async (input, task) => {
    const call: TaskCall = {
      table_name: String(input["table_name"] ?? ""),
      state: String(input["state"] ?? ""),
      call: nextVersion(),
      attempt: task.attempt,
      started_at: new Date().toISOString(),
      input: JSON.stringify(plain(input)),
    };
    write(execution, call, { status: "running" });
    try {
      // What was called before in this execution has ended here.
      const isFirst = execution.begun !== undefined && task.attempt === 1;
      const lost = isFirst ? 0 : await closeLostTasks(execution, call);
      if (lost > 0 && task.attempt > 1) {
        // Nobody else can say it: the process that failed is gone.
        const message = `${LOST_WORDS} Retry ${task.attempt - 1} now.`;
        tell(execution, "warn", "retrying", message, call.table_name);
      }
      const output = await handler(input, task);
      write(execution, call, { status: "succeeded", output: JSON.stringify(output ?? null) });
      return output;
    } catch (thrown) {
      write(execution, call, failure(thrown, task.signal));
      throw thrown;
    }
  };
}

/** The input with the words of a failure instead of what a Lambda makes of them. */
function plain(input: Readonly<Record<string, unknown>>): object {
  const failure = Failure.safeParse(input["error"]);
  if (!failure.success) return input;
  return { ...input, error: { ...failure.data, Cause: causeMessage(failure.data.Cause) } };
}

const Failure = z.object({ Error: z.string(), Cause: z.string() });

interface End {
  readonly status: "running" | "succeeded" | "failed" | "cancelled";
  readonly output?: string;
  readonly error_name?: string;
  readonly error?: string;
}

function failure(thrown: unknown, signal: AbortSignal): End {
  const { name, message } = taskErrorOf(thrown);
  if (!signal.aborted) return { status: "failed", error_name: name, error: message };
  const reason: unknown = signal.reason;
  const isLate = reason instanceof Error && reason.name === "TimeoutError";
  return isLate
    ? { status: "failed", error_name: "States.Timeout", error: "Its time was up." }
    : { status: "cancelled", error_name: "", error: "It was stopped." };
}

function write({ journal, run }: Execution, call: TaskCall, end: End): void {
  journal.write(
    "run_tasks",
    [call.table_name, call.state, call.call].join("/"),
    versioned({
      run_id: run.run_id,
      tenant_id: run.tenant_id,
      ...call,
      output: "",
      error_name: "",
      error: "",
      ...end,
      finished_at: end.status === "running" ? null : new Date().toISOString(),
    }),
  );
}

const Open = z.object({
  table_name: z.string(),
  state: z.string(),
  call: z.string(),
  attempt: zCount,
  started_at: z.string(),
  input: z.string(),
});

/**
 * Closes calls that never said how they ended.
 *
 * @param of a call; only those before it, of the same state and table. Without it all of the run's
 * @returns how many there were
 */
export async function closeLostTasks(
  execution: Execution,
  of?: Pick<TaskCall, "table_name" | "state" | "call">,
): Promise<number> {
  const { context, run } = execution;
  const open = await context.db.rows(
    {
      name: "runs.lost-tasks",
      params: {
        run_id: run.run_id,
        ...(of === undefined
          ? {}
          : { table_name: of.table_name, state: of.state, before: of.call }),
      },
      sql: `SELECT table_name, state, call, attempt, started_at, input FROM run_tasks FINAL
WHERE run_id = {run_id:String} AND status = 'running'
  ${of === undefined ? "" : "AND table_name = {table_name:String} AND state = {state:String} AND call < {before:UInt64}"}`,
    },
    Open,
  );
  for (const call of open) {
    write(execution, call, {
      status: "failed",
      error_name: LOST,
      error: LOST_WORDS,
    });
  }
  return open.length;
}
