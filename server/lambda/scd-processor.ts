import type { TableResult } from "@/server/runs/run-table";

import type { LambdaHandler } from "./lambda-context";
import { runTask } from "./run-task";

/**
 * State ProcessTableIncremental: takes what is new into one table of the tenant, batch by batch. Near its time limit it
 * answers `more: true` and is called again.
 */
export const handler: LambdaHandler<TableResult> = async (event, context) =>
  runTask("${ScdProcessorFunctionArn}", event, context);
