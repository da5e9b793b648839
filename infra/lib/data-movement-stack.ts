import { CfnOutput, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Construct } from "constructs";

import { executionsOf, makeConsolePolicy, readObjects, readSecret } from "./access.ts";
import { makeAlarms, makeTopic, metricsNamespace } from "./alarms.ts";
import type { Bundle } from "./bundle.ts";
import { canonicalBucket } from "./canonical-bucket.ts";
import { makeQueues } from "./dead-letters.ts";
import { FUNCTIONS, type FunctionId, TASK_FUNCTIONS, makeFunction } from "./functions.ts";
import { type Settings, nameIn } from "./settings.ts";
import { makeStateMachine } from "./state-machine.ts";
import { settleDeadExecutions, startOnSchedule, startWhenObjectsLand } from "./triggers.ts";

export interface DataMovementProps extends StackProps {
  readonly settings: Settings;
  /** By entry. */
  readonly bundles: ReadonlyMap<string, Bundle>;
}

/** Everything the data movement needs on AWS. */
export class DataMovementStack extends Stack {
  constructor(scope: Construct, id: string, props: DataMovementProps) {
    super(scope, id, props);
    const { settings, bundles } = props;

    const bucket = canonicalBucket(this, settings);
    const secret = this.#clickHouseSecret(settings);
    const queues = makeQueues(this, settings, FUNCTIONS.LandedObjects.seconds);
    const topic = makeTopic(this, settings);

    const environment = {
      ORCHESTRATOR: "stepfunctions",
      CANONICAL_STORE: `s3://${bucket.bucketName}`,
      CLICKHOUSE_SECRET_ARN: secret.secretArn,
      DEAD_LETTER_QUEUE_URL: queues.deadLetters.queueUrl,
      METRICS_NAMESPACE: metricsNamespace(settings),
      METRIC_DETAIL: settings.metricDetail,
      LOG_LEVEL: "info",
    };
    const make = (name: FunctionId, more: Readonly<Record<string, string>> = {}): Lambda => {
      const { entry } = FUNCTIONS[name];
      const code = bundles.get(entry);
      if (code === undefined) throw new Error(`There is no bundle of ${entry}.`);
      const made = makeFunction(this, name, code, settings, { ...environment, ...more });
      for (const statement of [readSecret(secret), ...readObjects(bucket)]) {
        made.addToRolePolicy(statement);
      }
      return made;
    };
    const tasks = Object.fromEntries(TASK_FUNCTIONS.map((name) => [name, make(name)])) as Record<
      (typeof TASK_FUNCTIONS)[number],
      Lambda
    >;
    const stateMachine = makeStateMachine(this, settings, tasks);
    const starters = { STATE_MACHINE_ARN: stateMachine.stateMachineArn };
    const tick = make("ScheduleTick", starters);
    const landed = make("LandedObjects", {
      ...starters,
      INCREMENTS_QUEUE_URL: queues.increments.queueUrl,
    });
    // Runs that were never started are started then, and those that were to be stopped are stopped.
    tick.addToRolePolicy(
      new PolicyStatement({
        actions: ["states:DescribeExecution", "states:StopExecution"],
        resources: [executionsOf(stateMachine)],
      }),
    );
    // Whoever finds an execution dead says so.
    for (const settler of [tasks.DeadLetter, tick]) queues.deadLetters.grantSendMessages(settler);
    // A tenant that is busy is asked for again later.
    queues.increments.grantSendMessages(landed);
    for (const starter of [tick, landed]) stateMachine.grantStartExecution(starter);

    startOnSchedule(this, settings, tick);
    startWhenObjectsLand(this, settings, bucket, queues, landed);
    settleDeadExecutions(this, settings, stateMachine, tasks.DeadLetter);
    makeAlarms(this, settings, topic, { stateMachine, deadLetters: queues.deadLetters });
    const policy = makeConsolePolicy(this, settings, {
      bucket,
      secret,
      stateMachine,
      deadLetters: queues.deadLetters,
    });

    const outputs = {
      CanonicalBucketName: bucket.bucketName,
      ClickHouseSecretArn: secret.secretArn,
      StateMachineArn: stateMachine.stateMachineArn,
      DeadLetterQueueUrl: queues.deadLetters.queueUrl,
      DeadLetterQueueArn: queues.deadLetters.queueArn,
      IncrementsQueueArn: queues.increments.queueArn,
      AlertsTopicArn: topic.topicArn,
      ConsolePolicyArn: policy.managedPolicyArn,
    };
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value });
  }

  /** The account the functions sign in with. Its password is made by Secrets Manager and is in no template. */
  #clickHouseSecret(settings: Settings): Secret {
    return new Secret(this, "ClickHouseCredentials", {
      secretName: nameIn(settings, "avesa/clickhouse-etl"),
      description: "ClickHouse address and account of the AVESA data movement",
      generateSecretString: {
        secretStringTemplate: JSON.stringify({
          url: settings.clickHouseUrl,
          username: "avesa_etl_user",
          database: settings.clickHouseDatabase,
        }),
        generateStringKey: "password",
        passwordLength: 40,
        excludePunctuation: true,
        requireEachIncludedType: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }
}
