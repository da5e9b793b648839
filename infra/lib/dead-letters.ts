import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import { type Settings, nameIn } from "./settings.ts";

export interface Queues {
  /** Asks for increments: each message names a tenant's object, or a run that failed for good. */
  readonly increments: Queue;
  /** Runs that failed for good, and messages that could not be dealt with. */
  readonly deadLetters: Queue;
}

/**
 * The dead letter queue, and the queue that asks for increments. What lies in the first can be moved to the second
 * (`aws sqs start-message-move-task`): every message there asks for an increment of its tenant.
 *
 * @param handlerSeconds time-out of the function that reads the second
 */
export function makeQueues(scope: Construct, settings: Settings, handlerSeconds: number): Queues {
  const common = {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  };
  const deadLetters = new Queue(scope, "DeadLetters", {
    ...common,
    queueName: nameIn(settings, "avesa-clickhouse-dlq"),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  const increments = new Queue(scope, "Increments", {
    ...common,
    queueName: nameIn(settings, "avesa-clickhouse-increments"),
    // Six times the function's limit and its gathering, as Lambda asks for: a slow call is not met by a second one.
    visibilityTimeout: Duration.seconds(6 * handlerSeconds + settings.debounceSeconds),
    deadLetterQueue: { queue: deadLetters, maxReceiveCount: 5 },
    retentionPeriod: Duration.days(4),
  });
  return { increments, deadLetters };
}
