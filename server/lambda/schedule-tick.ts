import { sweepDeadLetters } from "@/server/dlq/retention";
import { log } from "@/server/log";
import { freshnessFigures } from "@/server/metrics/freshness-figures";
import { putMetrics } from "@/server/metrics/put-metrics";
import { syncRuns } from "@/server/orchestrators/sync-run";
import { expirePlans } from "@/server/plans/expire-plans";
import { dueTime, readScheduledTenants } from "@/server/schedules/scheduled-tenants";
import { triggerIncrement } from "@/server/schedules/trigger-increment";

import type { LambdaHandler } from "./lambda-context";
import { looksOf } from "./looks-of";
import { openRunContext } from "./open-run-context";

const LOOKS_AT_ONCE = 4;
/** No look is begun in a call's last part. */
const LEAVE_MS = 20_000;
/** Dead letters that are over are removed once an hour. */
const SWEEP_MINUTE = 0;

export interface TickResult {
  /** Tenants whose schedule has a time that is not answered. */
  readonly due: number;
  readonly started: number;
  /** Left for the next call. */
  readonly left: number;
}

/**
 * Called every minute by EventBridge Scheduler: says how fresh the tenants are, holds open runs against Step Functions, does
 * what a worker does now and then, and starts an increment for each tenant that is due. Calls that overlap start nothing twice. What one call does not come to is
 * still due for the next.
 */
export const handler: LambdaHandler<TickResult> = async (_event, lambda) => {
  const context = await openRunContext();
  putMetrics(await freshnessFigures(context.db));
  await syncRuns(context);
  await expirePlans(context);
  const now = Date.now();
  if (new Date(now).getUTCMinutes() === SWEEP_MINUTE) await sweepDeadLetters(context.db);

  const due = (await readScheduledTenants(context.db)).flatMap((tenant) => {
    const slotAt = tenant.openRun === "" ? dueTime(tenant, now) : null;
    return slotAt === null ? [] : [{ tenantId: tenant.tenantId, slotAt }];
  });
  let next = 0;
  let started = 0;
  const lane = async (): Promise<void> => {
    while (lambda.getRemainingTimeInMillis() > LEAVE_MS) {
      const one = due[next++];
      if (one === undefined) return;
      const cause = { kind: "schedule", slotAt: one.slotAt } as const;
      const end = await triggerIncrement(context, one.tenantId, cause, looksOf(context));
      if (end.outcome === "started") started++;
      log().info({ tenant: one.tenantId, ...end }, "a tenant was due");
    }
  };
  await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, lane));
  return { due: due.length, started, left: Math.max(0, due.length - next) };
};
