import type { RunExecutionReply } from "@/lib/contracts/run-execution";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { findRun } from "@/server/runs/run-store";
import { findTaskCalls } from "@/server/runs/task-calls";
import type { TenantScope } from "@/server/tenant-scope";

import { orchestratorOf } from "./open-orchestrator";

/**
 * How a run is carried out, told alike by whichever orchestrator does it.
 *
 * @throws AppError `not-found` where the tenant of the scope has no such run; errors of Step Functions as they come
 */
export async function readExecution(
  db: Db,
  scope: TenantScope,
  runId: string,
): Promise<RunExecutionReply> {
  const run = await findRun(db, runId);
  if (run === undefined || run.tenant_id !== scope.tenantId) {
    throw new AppError("not-found", "There is no such run.");
  }
  const orchestrator = orchestratorOf(db, run);
  const [execution, events, calls] = await Promise.all([
    orchestrator.describe(run),
    orchestrator.history(run),
    findTaskCalls(db, runId),
  ]);
  return {
    runId,
    orchestrator: orchestrator.name,
    executionArn: run.execution_arn,
    execution: execution ?? null,
    calls,
    events: [...events],
  };
}
