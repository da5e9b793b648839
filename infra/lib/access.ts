import { ArnFormat, Stack } from "aws-cdk-lib";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { StateMachine } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

import type { Settings } from "./settings.ts";

/** Lists the canonical objects and reads them; ClickHouse is given these same rights with each statement that reads. */
export function readObjects(bucket: IBucket): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucket.bucketArn] }),
    new PolicyStatement({
      actions: ["s3:GetObject"],
      resources: [bucket.arnForObjects("*/canonical/*")],
    }),
  ];
}

/** Reads the value of one secret. */
export function readSecret(secret: ISecret): PolicyStatement {
  return new PolicyStatement({
    actions: ["secretsmanager:GetSecretValue"],
    resources: [secret.secretArn],
  });
}

/** ARN of every execution of one state machine. */
export function executionsOf(stateMachine: StateMachine): string {
  return Stack.of(stateMachine).formatArn({
    service: "states",
    resource: "execution",
    resourceName: `${stateMachine.stateMachineName}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
}

/** What the console itself needs where it starts runs in Step Functions; to be attached to the role it runs as. */
export function makeConsolePolicy(
  scope: Construct,
  settings: Settings,
  uses: { bucket: IBucket; secret: ISecret; stateMachine: StateMachine; deadLetters: IQueue },
): ManagedPolicy {
  return new ManagedPolicy(scope, "ConsolePolicy", {
    managedPolicyName: `avesa-console-${settings.environment}`,
    description:
      "The AVESA console: start and watch runs, list canonical objects, reach ClickHouse",
    statements: [
      ...readObjects(uses.bucket),
      readSecret(uses.secret),
      new PolicyStatement({
        actions: ["sqs:SendMessage"],
        resources: [uses.deadLetters.queueArn],
      }),
      new PolicyStatement({
        actions: ["states:StartExecution"],
        resources: [uses.stateMachine.stateMachineArn],
      }),
      new PolicyStatement({
        actions: [
          "states:DescribeExecution",
          "states:GetExecutionHistory",
          "states:RedriveExecution",
          "states:StopExecution",
        ],
        resources: [executionsOf(uses.stateMachine)],
      }),
    ],
  });
}
