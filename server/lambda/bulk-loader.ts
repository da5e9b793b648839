import type { TableResult } from "@/server/runs/run-table";

import type { LambdaHandler } from "./lambda-context";
import { runTask } from "./run-task";

/** State ProcessTableBulk: rebuilds one table of the tenant from the whole store. */
export const handler: LambdaHandler<TableResult> = async (event, context) =>
  runTask("${BulkLoaderFunctionArn}", event, context);
