import { z } from "zod";

import { ledgerDifference } from "@/server/scd2/count";

import type { Execution } from "./execution";
import { countBatches, findTables } from "./run-store";

/** A run's state, and the reasons where it is not green. */
export const Judgement = z.object({ status: z.string(), error: z.string() });
export type Judgement = z.infer<typeof Judgement>;

/**
 * The run's state from those of its tables, and the reasons where it is not green. A ledger that does not balance
 * outweighs everything.
 */
export async function judgeRun(execution: Execution): Promise<Judgement> {
  const { context, run } = execution;
  const [tables, ledgers] = await Promise.all([
    findEnds(execution),
    countBatches(context.db, run.run_id),
  ]);
  const count = (status: string): number =>
    [...tables.values()].filter((table) => table.status === status).length;
  const isUnbalanced =
    count("unbalanced") > 0 ||
    [...ledgers.values()].some((ledger) => ledgerDifference(ledger) !== 0);
  const error = [...tables]
    .filter(([, table]) => table.error !== "")
    .map(([name, table]) => `${name}: ${table.error}`)
    .join(" ");
  // Nothing has ended while a table waits for an operator.
  if (count("waiting_approval") > 0) return { status: "waiting_approval", error: "" };
  if (isUnbalanced) return { status: "unbalanced", error };
  if (count("failed") > 0) {
    return { status: count("failed") === tables.size ? "failed" : "partial", error };
  }
  if (count("cancelled") > 0) return { status: "cancelled", error };
  return { status: count("partial") > 0 ? "partial" : "succeeded", error };
}

const End = z.object({ status: z.string(), error: z.string() });

/** How the run's tables ended. Where nobody else has worked on the run, all of it was said in this execution. */
async function findEnds({
  context,
  journal,
  run,
  begun,
}: Execution): Promise<Map<string, z.infer<typeof End>>> {
  if (begun !== undefined) {
    return new Map([...journal.tables].map(([name, row]) => [name, End.parse(row)]));
  }
  await journal.flush();
  return findTables(context.db, run.run_id);
}
