import { z } from "zod";

import { putMetrics } from "@/server/metrics/put-metrics";
import { sendDeadRun } from "@/server/orchestrators/send-dead-run";
import { settleExecution } from "@/server/orchestrators/settle-execution";
import { failureOf } from "@/server/runs/run-tasks";
import { TRANSIENT, TaskError } from "@/server/runs/task-error";
import { causeMessage } from "@/server/runs/task-cause";
import type { TableResult } from "@/server/runs/run-table";

import type { LambdaContext, LambdaHandler } from "./lambda-context";
import { openRunContext } from "./open-run-context";
import { runTask, told } from "./run-task";
import { readTaskEvent } from "./task-event";

/** What EventBridge sends when an execution has ended: "Step Functions Execution Status Change". */
const StatusChange = z.object({
  source: z.literal("aws.states"),
  detail: z.object({
    executionArn: z.string(),
    status: z.enum(["SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]),
    input: z.string(),
    stopDate: z.number().nullish(),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

const ExecutionInput = z.object({ run_id: z.string(), tenant_id: z.string() });

type Answer = TableResult | { readonly run_id: string; readonly settled: string };

/**
 * States DeadLetterBulk and DeadLetterIncremental: a table failed for good. It becomes a dead letter of kind `run` and a
 * message in the queue, and the other tables go on.
 *
 * A rule of EventBridge for executions that end FAILED, TIMED_OUT or ABORTED leads here too: then it is the run itself.
 */
export const handler: LambdaHandler<Answer> = async (event, context) => {
  const change = StatusChange.safeParse(event);
  return change.success ? settle(change.data.detail) : failTable(event, context);
};

async function failTable(event: unknown, lambda: LambdaContext): Promise<TableResult> {
  return runTask<TableResult>("${DeadLetterFunctionArn}", event, lambda, {
    after: async ({ run }, result) => {
      if (result.status === "cancelled") return result;
      const [tenantId, tableName] = [run.tenant_id, result.table_name];
      putMetrics([{ tenantId, tableName, figures: { ProcessingErrors: 1 } }]);
      await sendDeadRun(run, tableName, failureOf(event));
      return result;
    },
    // Its execution was stopped meanwhile and the run has ended; that stands with the run.
    whenEnded: () => ({
      table_name: readTaskEvent(event).table_name ?? "",
      status: "cancelled",
      more: false,
    }),
  });
}

async function settle(detail: z.infer<typeof StatusChange>["detail"]): Promise<Answer> {
  try {
    const { run_id: runId, tenant_id: tenantId } = ExecutionInput.parse(JSON.parse(detail.input));
    const settled = await settleExecution(await openRunContext(), runId, {
      executionArn: detail.executionArn,
      status: detail.status,
      errorName: detail.error ?? "",
      error: causeMessage(detail.cause ?? ""),
      stoppedAt: detail.stopDate == null ? null : new Date(detail.stopDate).toISOString(),
    });
    // Lambda calls again a while after a failed call.
    if (settled === "busy") throw new TaskError(TRANSIENT, "A task of the run is still at work.");
    if (detail.status === "FAILED" || detail.status === "TIMED_OUT") {
      putMetrics([{ tenantId, figures: { ProcessingErrors: 1 } }]);
    }
    return { run_id: runId, settled };
  } catch (thrown) {
    throw told(thrown);
  }
}
