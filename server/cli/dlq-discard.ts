import { plural } from "@/lib/format";
import { discardOperation } from "@/server/pipeline/operations/dead-letters";

import { carryOutForVerb } from "./carry-out-for-verb";
import { chooseForVerb } from "./dlq-choose";
import { filterFlags } from "./dlq-flags";
import { openForVerb } from "./open-for-verb";
import { defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "dlq discard",
  summary: "Discard open dead letters, with a reason",
  description: "Names ids, or takes all that the filter matches at this moment (--all).",
  takesMore: true,
  flags: {
    ...filterFlags,
    all: { type: "boolean", help: "Everything that the filter matches now" },
    reason: { type: "string", value: "TEXT", help: "Why, kept with each and in the audit" },
  },
  async run(context) {
    const reason = required(context.flags.reason, "reason");
    const db = await openForVerb(context, "avesa dlq discard");
    const { tenantId, chosen } = await chooseForVerb(context, db, context.flags.all === true);
    const { discarded } = await carryOutForVerb(db, discardOperation, {
      tenantId,
      ...chosen,
      reason,
    });
    context.say(`Discarded ${plural(discarded, "dead letter")}.`);
    return 0;
  },
});
