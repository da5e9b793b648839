import { plural } from "@/lib/format";
import { openCanonicalStore } from "@/server/canonical/open-store";
import { env } from "@/server/env";
import { dryRunOperation, replayOperation } from "@/server/pipeline/operations/dead-letters";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";
import { homeOf } from "@/server/tenants/placement";

import { carryOutForVerb } from "./carry-out-for-verb";
import { carryOutRun } from "./carry-out-run";
import { chooseForVerb } from "./dlq-choose";
import { editOfFlags, filterFlags } from "./dlq-flags";
import { openForVerb } from "./open-for-verb";
import { defineVerb } from "./verb";

export const verb = defineVerb({
  name: "dlq replay",
  summary: "Replay dead letters, edited or as they came",
  description:
    "Names ids, or takes all that the filter matches at this moment (--all). --dry-run says what each would do and writes\n" +
    "nothing. The last line of standard output is one JSON object a run with its row ledger. Exit code 0 only when every\n" +
    "run is green and nothing failed again.",
  takesMore: true,
  flags: {
    ...filterFlags,
    all: { type: "boolean", help: "Everything that the filter matches now" },
    set: {
      type: "string",
      multiple: true,
      value: "FIELD=VALUE",
      help: "Set a field of each record, may be given again",
    },
    unset: { type: "string", multiple: true, value: "FIELD", help: "Take a field's value away" },
    reason: { type: "string", value: "TEXT", help: "Why, kept with the mend and in the audit" },
    "dry-run": { type: "boolean", help: "Say what would happen" },
  },
  async run(context) {
    const { flags } = context;
    const edit = editOfFlags(flags.set ?? [], flags.unset ?? []);
    const db = await openForVerb(context, "avesa dlq replay");
    const { tenantId, chosen } = await chooseForVerb(context, db, flags.all === true);
    try {
      if (flags["dry-run"] === true) {
        const { verdicts, count, failing } = await carryOutForVerb(db, dryRunOperation, {
          tenantId,
          ...chosen,
          edit,
        });
        for (const verdict of verdicts) context.print(`${verdict.id}  ${verdict.words}`);
        if (count > verdicts.length) context.say(`${count - verdicts.length} more are not shown.`);
        if (failing > 0) context.say(`${plural(failing, "dead letter")} would fail again.`);
        return failing === 0 ? 0 : 1;
      }
      const { runId, rerunIds } = await carryOutForVerb(db, replayOperation("cli"), {
        tenantId,
        ...chosen,
        edit,
        reason: flags.reason ?? "",
      });
      const runs = runContext(await homeOf(db, tenantId), openCanonicalStore(), {
        serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES,
      });
      let isGood = true;
      for (const id of [...(runId === null ? [] : [runId]), ...rerunIds]) {
        const summary = await carryOutRun(context, runs, id);
        context.print(JSON.stringify(summary));
        isGood &&= summary.status === "succeeded" && (id !== runId || summary.rejected === 0);
      }
      return isGood ? 0 : 1;
    } finally {
      stopHeartbeat();
    }
  },
});
