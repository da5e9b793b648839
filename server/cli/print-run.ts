import { planSentence } from "@/server/plans/plan-sentence";
import { findPlans } from "@/server/plans/plan-store";
import type { RunContext } from "@/server/runs/run-context";
import type { RunSummary } from "@/server/runs/run-summary";

import type { CliContext } from "./verb";

/** What of a run's end makes a command succeed. */
const GREEN = "succeeded";

/** The exit code of a command whose run waits for approval. */
const WAITS = 3;

/**
 * Prints a run as one JSON object: its row ledger, and, where it waits for approval, its plans.
 *
 * @returns the exit code: 0 green, 3 it waits for approval, 1 anything else
 */
export async function printRun(
  context: Pick<CliContext, "say" | "print">,
  { db }: Pick<RunContext, "db">,
  summary: RunSummary,
): Promise<number> {
  if (summary.status !== "waiting_approval") {
    context.print(JSON.stringify(summary));
    return summary.status === GREEN ? 0 : 1;
  }
  const plans = (await findPlans(db, summary.run_id))
    .filter((plan) => plan.status === "waiting")
    .map(({ table_name, reason, figures, previous, expires_at }) => ({
      table: table_name,
      reason,
      ...figures,
      previous,
      expires_at,
    }));
  for (const plan of plans) context.say(`${plan.table}: ${planSentence(plan.reason, plan)}`);
  context.say(
    `Nothing of this was published. "avesa apply ${summary.run_id}" publishes it, "avesa reject ${summary.run_id} --reason WHY" drops it.`,
  );
  context.print(JSON.stringify({ ...summary, plans }));
  return WAITS;
}
