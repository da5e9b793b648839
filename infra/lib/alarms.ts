import { Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

import { type Settings, nameIn } from "./settings.ts";

/** Where server/metrics/cloudwatch.ts puts the figures of an environment. */
export function metricsNamespace(settings: Settings): string {
  return settings.environment === "production"
    ? "AVESA/ClickHouse"
    : `AVESA/ClickHouse/${settings.environment}`;
}

/** The topic that alarms are told to, encrypted with a key that CloudWatch may use. */
export function makeTopic(scope: Construct, settings: Settings): Topic {
  const key = new Key(scope, "AlertsKey", {
    description: `Encrypts alarms of the AVESA data movement (${settings.environment})`,
    enableKeyRotation: true,
  });
  const topic = new Topic(scope, "Alerts", {
    topicName: nameIn(settings, "avesa-alerts"),
    displayName: "AVESA data movement",
    masterKey: key,
    enforceSSL: true,
  });
  const cloudWatch = new ServicePrincipal("cloudwatch.amazonaws.com");
  // In a key's own policy "*" is the key.
  key.addToResourcePolicy(
    new PolicyStatement({
      principals: [cloudWatch],
      actions: ["kms:Decrypt", "kms:GenerateDataKey*"],
      resources: ["*"],
    }),
  );
  topic.grantPublish(cloudWatch);
  if (settings.alertEmail !== undefined) {
    topic.addSubscription(new EmailSubscription(settings.alertEmail));
  }
  return topic;
}

/** The three alarms of the design document, and two that hear of what those metrics cannot tell. */
export function makeAlarms(
  scope: Construct,
  settings: Settings,
  topic: Topic,
  watched: { stateMachine: StateMachine; deadLetters: Queue },
): void {
  const fleetMetric = (metricName: string, statistic: string, period: Duration): Metric =>
    new Metric({ namespace: metricsNamespace(settings), metricName, statistic, period });
  const alarm = (
    id: string,
    name: string,
    description: string,
    metric: Metric,
    limit: { threshold: number; above?: true; periods?: number; missing?: TreatMissingData },
  ): void => {
    const made = new Alarm(scope, id, {
      alarmName: nameIn(settings, `avesa-${name}`),
      alarmDescription: description,
      metric,
      threshold: limit.threshold,
      comparisonOperator:
        limit.above === true
          ? ComparisonOperator.GREATER_THAN_THRESHOLD
          : ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: limit.periods ?? 1,
      treatMissingData: limit.missing ?? TreatMissingData.NOT_BREACHING,
    });
    made.addAlarmAction(new SnsAction(topic));
    made.addOkAction(new SnsAction(topic));
  };

  alarm(
    "DataMovementFailure",
    "data-movement-failure",
    "A table of a run failed for good. The console's dead letters say which and why.",
    fleetMetric("ProcessingErrors", Stats.SUM, Duration.seconds(300)),
    { threshold: 1 },
  );
  alarm(
    "DataFreshnessViolation",
    "data-freshness-violation",
    "A tenant's newest data is older than 45 minutes, or nobody has looked: the console's fleet page says whose.",
    fleetMetric("DataFreshness", Stats.MAXIMUM, Duration.seconds(900)),
    // The schedule's function says it every minute, so silence is a fault too.
    { threshold: 45, above: true, periods: 2, missing: TreatMissingData.BREACHING },
  );
  alarm(
    "HighProcessingDuration",
    "high-processing-duration",
    "A table of a run took more than ten minutes.",
    fleetMetric("ProcessingDuration", Stats.MAXIMUM, Duration.seconds(300)),
    { threshold: 600, above: true },
  );
  alarm(
    "ExecutionsFailed",
    "executions-failed",
    "A run ended before its tables could be judged: see the execution in Step Functions.",
    watched.stateMachine.metricFailed({ period: Duration.seconds(300), statistic: Stats.SUM }),
    { threshold: 1 },
  );
  alarm(
    "DeadLettersWaiting",
    "dead-letters-waiting",
    "Runs or messages wait in the dead letter queue.",
    watched.deadLetters.metricApproximateNumberOfMessagesVisible({
      period: Duration.seconds(300),
      statistic: Stats.MAXIMUM,
    }),
    { threshold: 1 },
  );
}
