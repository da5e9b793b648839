import { openCanonicalStore } from "@/server/canonical/open-store";
import { env } from "@/server/env";
import { AppError } from "@/server/errors";
import { applyRunOperation } from "@/server/pipeline/operations/decide-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { findRun } from "@/server/runs/run-store";
import { homeOfRun } from "@/server/tenants/placement";

import { carryOutForVerb } from "./carry-out-for-verb";
import { carryOutRun } from "./carry-out-run";
import { openForVerb } from "./open-for-verb";
import { printRun } from "./print-run";
import { UsageError, defineVerb } from "./verb";

export const verb = defineVerb({
  name: "apply",
  summary: "Publish what a run has planned",
  description:
    "Publishes exactly what was staged. Where the store or the table has changed since, nothing is published: the run is\n" +
    "planned anew and waits again, and the output has both plans. The last line of standard output is one JSON object.\n" +
    "Exit code 0 when the run is green, 3 when it waits for approval again, 1 otherwise.",
  arguments: ["RUN"],
  flags: {},
  async run(context) {
    const [runId] = context.positionals;
    if (runId === undefined) throw new UsageError("Name the run, as load printed it.", "apply");
    const store = openCanonicalStore();
    const db = await openForVerb(context, "avesa apply");
    const runs = runContext(await homeOfRun(db, runId), store, {
      serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES,
    });
    try {
      try {
        await carryOutForVerb(db, applyRunOperation, { runId });
      } catch (error) {
        // A stale plan is a conflict, and is being made anew: that is carried out and shown.
        const isPlanned = (await findRun(runs.db, runId))?.status === "queued";
        if (!(error instanceof AppError) || error.code !== "conflict" || !isPlanned) throw error;
        context.say(error.message);
      }
      return await printRun(context, runs, await carryOutRun(context, runs, runId));
    } finally {
      stopHeartbeat();
    }
  },
});
