import { SQSClient, SendMessageCommand } from "@aws-sdk/client-sqs";

import { clientSettings } from "@/server/aws/client-settings";
import { env } from "@/server/env";
import type { Run } from "@/server/runs/run-store";
import type { TaskError } from "@/server/runs/task-error";

/** A message of the dead-letter queue, as JSON; no row data. */
export interface DeadRunMessage {
  readonly kind: "run";
  readonly run_id: string;
  readonly tenant_id: string;
  /** '' where the run itself failed. */
  readonly table_name: string;
  readonly mode: string;
  readonly execution_arn: string;
  readonly error_name: string;
  readonly error: string;
  readonly at: string;
}

/**
 * Tells the queue of dead letters that a run, or a table of it, failed for good; without a queue nothing happens.
 *
 * @throws errors of SQS as they come
 */
export async function sendDeadRun(run: Run, tableName: string, error: TaskError): Promise<void> {
  const { DEAD_LETTER_QUEUE_URL: queue } = env();
  if (queue === undefined) return;
  const message: DeadRunMessage = {
    kind: "run",
    run_id: run.run_id,
    tenant_id: run.tenant_id,
    table_name: tableName,
    mode: run.mode,
    execution_arn: run.execution_arn,
    error_name: error.name,
    error: error.message,
    at: new Date().toISOString(),
  };
  // The queue's region is the state machine's.
  const client = new SQSClient(clientSettings(run.execution_arn || undefined));
  try {
    await client.send(
      new SendMessageCommand({ QueueUrl: queue, MessageBody: JSON.stringify(message) }),
    );
  } finally {
    client.destroy();
  }
}
