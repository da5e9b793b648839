import { openCanonicalStore } from "@/server/canonical/open-store";
import { redriveRunOperation } from "@/server/pipeline/operations/run-execution";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { homeOfRun } from "@/server/tenants/placement";

import { carryOutForVerb } from "./carry-out-for-verb";
import { carryOutRun } from "./carry-out-run";
import { openForVerb } from "./open-for-verb";
import { printRun } from "./print-run";
import { UsageError, defineVerb } from "./verb";

export const verb = defineVerb({
  name: "run redrive",
  summary: "Let a dead execution in Step Functions go on from the state that failed",
  description:
    "For runs that Step Functions carried out and that failed, ran out of time or were stopped. The last line of standard\n" +
    "output is one JSON object with the run's row ledger. Exit code 0 only when the run is green.",
  arguments: ["RUN"],
  flags: {},
  async run(context) {
    const [runId] = context.positionals;
    if (runId === undefined) {
      throw new UsageError("Name the run, as load printed it.", "run redrive");
    }
    const db = await openForVerb(context, "avesa run redrive");
    try {
      await carryOutForVerb(db, redriveRunOperation, { runId });
      const runs = runContext(await homeOfRun(db, runId), openCanonicalStore());
      return await printRun(context, runs, await carryOutRun(context, runs, runId));
    } finally {
      stopHeartbeat();
    }
  },
});
