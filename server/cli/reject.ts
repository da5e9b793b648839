import { openCanonicalStore } from "@/server/canonical/open-store";
import { env } from "@/server/env";
import { rejectRunOperation } from "@/server/pipeline/operations/decide-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { homeOfRun } from "@/server/tenants/placement";

import { carryOutForVerb } from "./carry-out-for-verb";
import { carryOutRun } from "./carry-out-run";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "reject",
  summary: "Drop what a run has planned",
  description:
    "Drops what was staged; the run ends cancelled, with the reason. The last line of standard output is one JSON object.\n" +
    "Exit code 0 when that is done.",
  arguments: ["RUN"],
  flags: {
    reason: { type: "string", value: "WHY", help: "Why, in at least 8 characters" },
  },
  async run(context) {
    const [runId] = context.positionals;
    if (runId === undefined) throw new UsageError("Name the run, as load printed it.", "reject");
    const reason = required(context.flags.reason, "reason");
    const db = await openForVerb(context, "avesa reject");
    const runs = runContext(await homeOfRun(db, runId), openCanonicalStore(), {
      serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES,
    });
    try {
      await carryOutForVerb(db, rejectRunOperation, { runId, reason });
      const summary = await carryOutRun(context, runs, runId);
      context.print(JSON.stringify(summary));
      return summary.status === "cancelled" ? 0 : 1;
    } finally {
      stopHeartbeat();
    }
  },
});
