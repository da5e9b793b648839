import { z } from "zod";

import { AppError } from "@/server/errors";
import { log } from "@/server/log";

import { type DecisionContext, decidePlans } from "./decide-plans";

/** Rejects the plans of runs that nobody has decided on in time. */
export async function expirePlans(context: DecisionContext): Promise<void> {
  const overdue = await context.db.rows(
    {
      name: "plans.overdue",
      sql: `SELECT DISTINCT run_id AS runId, toString(toUInt32(dateDiff('hour', created_at, expires_at))) AS hours FROM plans FINAL
WHERE status = 'waiting' AND decision = '' AND expires_at < now64(3)
  AND run_id IN (SELECT run_id FROM runs FINAL WHERE status = 'waiting_approval')`,
    },
    z.object({ runId: z.string(), hours: z.coerce.number() }),
  );
  for (const { runId, hours } of overdue) {
    const time = hours >= 48 ? `${Math.round(hours / 24)} days` : `${hours} hours`;
    try {
      await decidePlans(context, {
        runId,
        decision: "reject",
        by: "expiry",
        reason: `Nobody decided within ${time}.`,
      });
    } catch (error) {
      // Somebody decides just now; the next look finds what is left.
      if (!(error instanceof AppError)) throw error;
      log().debug({ error, run: runId }, "an overdue plan was left for later");
    }
  }
}
