import { readFileSync } from "node:fs";
import path from "node:path";

import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { DefinitionBody, StateMachine, StateMachineType } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

import { project } from "./bundle.ts";
import { TASK_FUNCTIONS } from "./functions.ts";
import type { Settings } from "./settings.ts";

/** The one definition that the local orchestrator runs and the console draws, too. */
export const DEFINITION_FILE = path.join(project, "server", "runs", "state-machine.asl.json");

/** The state machine, its `${…FunctionArn}` filled in; its role may call those functions and nothing else. */
export function makeStateMachine(
  scope: Construct,
  settings: Settings,
  functions: Readonly<Record<(typeof TASK_FUNCTIONS)[number], Lambda>>,
): StateMachine {
  const role = new Role(scope, "StateMachineRole", {
    description: "Of the AVESA data movement's state machine",
    assumedBy: new ServicePrincipal("states.amazonaws.com"),
  });
  const substitutions: Record<string, string> = {};
  for (const id of TASK_FUNCTIONS) {
    functions[id].grantInvoke(role);
    substitutions[`${id}FunctionArn`] = functions[id].functionArn;
  }
  // As a string: from a file the template would not hold it, and no test could see what is deployed.
  const definition: unknown = JSON.parse(readFileSync(DEFINITION_FILE, "utf8"));
  return new StateMachine(scope, "DataMovement", {
    stateMachineName: `avesa-clickhouse-data-movement-${settings.environment}`,
    stateMachineType: StateMachineType.STANDARD,
    definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
    definitionSubstitutions: substitutions,
    role,
  });
}
