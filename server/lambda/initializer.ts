import type { LambdaHandler } from "./lambda-context";
import { runTask } from "./run-task";

/** State InitializeDataMovement: finds the tenant and the tables, and says which way the run goes. */
export const handler: LambdaHandler<{ strategy: string; tables: string[] }> = async (
  event,
  context,
) => runTask("${InitializerFunctionArn}", event, context);
