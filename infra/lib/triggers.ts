import { Duration } from "aws-cdk-lib";
import { EventField, Match, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SqsQueue } from "aws-cdk-lib/aws-events-targets";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Schedule, ScheduleExpression, ScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

import type { Queues } from "./dead-letters.ts";
import { type Settings, nameIn } from "./settings.ts";

/** How often the schedule's function looks which tenants are due; what is due is each tenant's own setting. */
const TICK = Duration.minutes(1);

/** Every minute the function starts an increment for each tenant that is due (docs/decisions, 0017). */
export function startOnSchedule(scope: Construct, settings: Settings, tick: Lambda): void {
  const scheduleGroup = new ScheduleGroup(scope, "Schedules", {
    scheduleGroupName: nameIn(settings, "avesa-clickhouse"),
  });
  new Schedule(scope, "Tick", {
    scheduleName: nameIn(settings, "avesa-clickhouse-tick"),
    description: "Starts the increments of tenants that are due",
    scheduleGroup,
    schedule: ScheduleExpression.rate(TICK),
    // A look that is late is not made up for: the next one finds the same tenants due.
    target: new LambdaInvoke(tick, { retryAttempts: 0, maxEventAge: Duration.minutes(1) }),
  });
}

/**
 * A canonical object that lands starts an increment of its tenant. Messages are gathered for a few seconds, and the function
 * starts one run for all of a tenant's messages among them.
 */
export function startWhenObjectsLand(
  scope: Construct,
  settings: Settings,
  bucket: IBucket,
  { increments, deadLetters }: Queues,
  landed: Lambda,
): void {
  new Rule(scope, "ObjectLanded", {
    ruleName: nameIn(settings, "avesa-clickhouse-object-landed"),
    description: "Canonical objects that land ask for an increment",
    eventPattern: {
      source: ["aws.s3"],
      detailType: ["Object Created"],
      detail: {
        bucket: { name: [bucket.bucketName] },
        object: { key: Match.wildcard("*/canonical/*") },
      },
    },
    targets: [
      new SqsQueue(increments, {
        message: RuleTargetInput.fromObject({
          kind: "object",
          object_key: EventField.fromPath("$.detail.object.key"),
        }),
        deadLetterQueue: deadLetters,
        maxEventAge: Duration.hours(1),
      }),
    ],
  });
  landed.addEventSource(
    new SqsEventSource(increments, {
      batchSize: settings.debounceSeconds > 0 ? 1000 : 10,
      maxBatchingWindow: Duration.seconds(settings.debounceSeconds),
      reportBatchItemFailures: true,
      // The least there is. Two at once do no harm: a tenant that has a run waiting gets no second one.
      maxConcurrency: 2,
    }),
  );
}

/** Executions that ended without their tasks saying so are told to the function that writes it down. */
export function settleDeadExecutions(
  scope: Construct,
  settings: Settings,
  stateMachine: StateMachine,
  deadLetter: Lambda,
): void {
  new Rule(scope, "ExecutionDied", {
    ruleName: nameIn(settings, "avesa-clickhouse-execution-died"),
    description: "Executions that failed, timed out or were stopped are written down",
    eventPattern: {
      source: ["aws.states"],
      detailType: ["Step Functions Execution Status Change"],
      detail: {
        stateMachineArn: [stateMachine.stateMachineArn],
        status: ["FAILED", "TIMED_OUT", "ABORTED"],
      },
    },
    // Where a task is still at work the function fails and is called again; the schedule's function looks after the rest.
    targets: [new LambdaFunction(deadLetter, { retryAttempts: 2 })],
  });
}
