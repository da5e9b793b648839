import { PRIORITY_WEIGHT } from "@/lib/schedule";
import { type Tenant, findTenant } from "@/server/tenants/find-tenant";

import type { Execution } from "./execution";
import type { TaskContext } from "./interpreter";
import type { RunControl } from "./run-control";
import type { TableResult } from "./run-table";

/** A call begins no batch in its last part, so that it can hand over a checkpoint in time. */
const WORKING_SHARE = 0.6;

/** When a table's work may go on. */
export interface TableTurns {
  /** As registered just before. */
  readonly tenant: Tenant | undefined;
  /** Batches are begun before it only, ms since the epoch. */
  readonly deadline: number;
  /** Between two batches: waits for the next turn, until the deadline at most. */
  readonly nextTurn: () => Promise<void>;
}

/**
 * Works on a run's table when it is its tenant's turn (see Places), and lets others go first between its batches. Where no
 * turn comes in time the task is to be called again.
 *
 * @param work is told how long it may go on, and what to await between two batches
 * @throws whatever `work` throws, or the reason for which the run is stopped
 */
export async function inPlace(
  { context, run, tenants }: Pick<Execution, "context" | "run" | "tenants">,
  control: RunControl,
  tableName: string,
  task: TaskContext,
  work: (turns: TableTurns) => Promise<TableResult>,
): Promise<TableResult> {
  const tenant = await (tenants?.find() ?? findTenant(context.db, run.tenant_id));
  const claim = {
    runId: run.run_id,
    tenantId: run.tenant_id,
    weight: PRIORITY_WEIGHT[tenant?.priority ?? "normal"],
    tenantLimit: tenant?.tablesAtOnce ?? 1,
  };
  const deadline = Date.now() + task.timeoutSeconds * 1000 * WORKING_SHARE;
  let place: Awaited<ReturnType<typeof context.places.take>>;
  let isAtWork = false;
  const begin = async (admit: () => Promise<void>): Promise<void> => {
    await control.beginWork(admit);
    isAtWork = true;
  };
  const end = (): void => {
    if (isAtWork) control.endWork();
    isAtWork = false;
  };
  try {
    await begin(async () => {
      place = await context.places.take(claim, task.signal, deadline);
    });
    if (place === undefined) return { table_name: tableName, status: "succeeded", more: true };
    return await work({
      tenant,
      deadline,
      nextTurn: async () => {
        end();
        await begin(async () => place?.nextTurn(deadline));
      },
    });
  } finally {
    end();
    await place?.release();
  }
}
