import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  Architecture,
  type CfnFunction,
  Code,
  Function as Lambda,
  Runtime,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

import type { Bundle } from "./bundle.ts";
import type { Settings } from "./settings.ts";

/** The functions: what each is made of and may take. The first five are the state machine's, with the time-outs of its tasks. */
export const FUNCTIONS = {
  Initializer: { entry: "initializer", seconds: 60, megabytes: 512 },
  BulkLoader: { entry: "bulk-loader", seconds: 900, megabytes: 1024 },
  ScdProcessor: { entry: "scd-processor", seconds: 600, megabytes: 512 },
  Validator: { entry: "validator", seconds: 120, megabytes: 512 },
  DeadLetter: { entry: "dead-letter", seconds: 60, megabytes: 512 },
  ScheduleTick: { entry: "schedule-tick", seconds: 60, megabytes: 512 },
  LandedObjects: { entry: "landed-objects", seconds: 60, megabytes: 512 },
} as const;

export type FunctionId = keyof typeof FUNCTIONS;

/** The functions that the state machine calls; the other two start it. */
export const TASK_FUNCTIONS = [
  "Initializer",
  "BulkLoader",
  "ScdProcessor",
  "Validator",
  "DeadLetter",
] as const satisfies readonly FunctionId[];

/**
 * Makes one function with a role and a log group of its own; the role may write that log and nothing else yet.
 *
 * @param environment the variables that server/env.ts reads
 */
export function makeFunction(
  scope: Construct,
  id: FunctionId,
  code: Bundle,
  settings: Settings,
  environment: Readonly<Record<string, string>>,
): Lambda {
  const { entry, seconds, megabytes } = FUNCTIONS[id];
  const functionName = `avesa-clickhouse-${entry}-${settings.environment}`;
  const logGroup = new LogGroup(scope, `${id}Log`, {
    logGroupName: `/avesa/${settings.environment}/${entry}`,
    retention: settings.logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, `${id}Role`, {
    description: `Of the function ${functionName}`,
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
  });
  logGroup.grantWrite(role);
  const made = new Lambda(scope, id, {
    functionName,
    description: `AVESA data movement: ${entry}`,
    runtime: Runtime.NODEJS_22_X,
    architecture: Architecture.ARM_64,
    handler: "index.handler",
    code: Code.fromAsset(code.folder),
    timeout: Duration.seconds(seconds),
    memorySize: megabytes,
    role,
    logGroup,
    environment: { ...environment },
  });
  if (settings.network !== undefined) {
    const { subnetIds, securityGroupId } = settings.network;
    (made.node.defaultChild as CfnFunction).vpcConfig = {
      subnetIds: [...subnetIds],
      securityGroupIds: [securityGroupId],
    };
    // Lambda makes the function's network interfaces with its role; these actions know no narrower resource.
    role.addToPolicy(
      new PolicyStatement({
        actions: [
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets",
        ],
        resources: ["*"],
      }),
    );
    made.node.addDependency(role);
  }
  return made;
}
