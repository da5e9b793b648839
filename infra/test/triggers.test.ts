import { Match } from "aws-cdk-lib/assertions";
import { describe, it } from "vitest";

import { templateOf } from "./template.ts";

const template = templateOf();

describe("the triggers", () => {
  it("look every minute for tenants that are due", () => {
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      ScheduleExpression: "rate(1 minute)",
      State: "ENABLED",
      Target: {
        Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^ScheduleTick"), "Arn"] },
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    });
  });

  it("hear of canonical objects of this bucket that land, gathered for some seconds", () => {
    template.hasResourceProperties("AWS::S3::Bucket", {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    template.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: {
          bucket: { name: [{ Ref: Match.stringLikeRegexp("^CanonicalBucket") }] },
          object: { key: [{ wildcard: "*/canonical/*" }] },
        },
      },
      Targets: [
        Match.objectLike({
          Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^Increments"), "Arn"] },
          DeadLetterConfig: {
            Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] },
          },
          InputTransformer: {
            InputPathsMap: { "detail-object-key": "$.detail.object.key" },
            InputTemplate: '{"kind":"object","object_key":<detail-object-key>}',
          },
        }),
      ],
    });
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      BatchSize: 1000,
      MaximumBatchingWindowInSeconds: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      FunctionName: { Ref: Match.stringLikeRegexp("^LandedObjects") },
    });
  });

  it("tell the dead-letter function of executions that ended by themselves", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: {
        source: ["aws.states"],
        detail: {
          stateMachineArn: [{ Ref: Match.stringLikeRegexp("^DataMovement") }],
          status: ["FAILED", "TIMED_OUT", "ABORTED"],
        },
      },
      Targets: [
        Match.objectLike({ Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetter"), "Arn"] } }),
      ],
    });
  });

  it("make no bucket where one is named", () => {
    const imported = templateOf({ canonicalBucket: "acme-canonical" });
    imported.resourceCountIs("AWS::S3::Bucket", 0);
    imported.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: { detail: { bucket: { name: ["acme-canonical"] } } },
    });
  });
});

describe("the queues", () => {
  it("redrive: what fails five times lies in the dead letter queue for two weeks", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "avesa-clickhouse-dlq",
      MessageRetentionPeriod: 14 * 24 * 3600,
      SqsManagedSseEnabled: true,
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      QueueName: "avesa-clickhouse-increments",
      SqsManagedSseEnabled: true,
      RedrivePolicy: {
        deadLetterTargetArn: { "Fn::GetAtt": [Match.stringLikeRegexp("^DeadLetters"), "Arn"] },
        maxReceiveCount: 5,
      },
    });
  });
});

describe("the alarms", () => {
  const TOPIC = [{ Ref: Match.stringLikeRegexp("^Alerts") }];

  it.each([
    ["ProcessingErrors", "Sum", "GreaterThanOrEqualToThreshold", 1, 300, 1, "notBreaching"],
    ["DataFreshness", "Maximum", "GreaterThanThreshold", 45, 900, 2, "breaching"],
    ["ProcessingDuration", "Maximum", "GreaterThanThreshold", 600, 300, 1, "notBreaching"],
  ])(
    "%s goes to the topic",
    (
      MetricName,
      Statistic,
      ComparisonOperator,
      Threshold,
      Period,
      EvaluationPeriods,
      TreatMissingData,
    ) => {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        Namespace: "AVESA/ClickHouse",
        MetricName,
        Statistic,
        ComparisonOperator,
        Threshold,
        Period,
        EvaluationPeriods,
        TreatMissingData,
        Dimensions: Match.absent(),
        AlarmActions: TOPIC,
        OKActions: TOPIC,
      });
    },
  );

  it("hear of dead letters and of executions that failed", () => {
    for (const MetricName of ["ApproximateNumberOfMessagesVisible", "ExecutionsFailed"]) {
      template.hasResourceProperties("AWS::CloudWatch::Alarm", {
        MetricName,
        Threshold: 1,
        AlarmActions: TOPIC,
      });
    }
    template.resourceCountIs("AWS::CloudWatch::Alarm", 5);
  });

  it("write to the address that was given", () => {
    templateOf({ alertEmail: "ops@example.com" }).hasResourceProperties("AWS::SNS::Subscription", {
      Protocol: "email",
      Endpoint: "ops@example.com",
    });
    template.resourceCountIs("AWS::SNS::Subscription", 0);
  });
});
