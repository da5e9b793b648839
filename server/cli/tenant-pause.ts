import { pauseTenantOperation } from "@/server/pipeline/operations/tenant-settings";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "tenant pause",
  summary: "Let nothing of a tenant start by itself",
  description: "Runs that are at work go on, and runs can still be started by hand.",
  flags: {
    tenant: { type: "string", value: "TENANT", help: "Tenant id" },
    reason: { type: "string", value: "TEXT", help: "Why, for whoever looks at it next" },
  },
  async run(context) {
    const tenantId = required(context.flags.tenant, "tenant");
    const db = await openForVerb(context, "avesa tenant pause");
    const { before } = await carryOutForVerb(db, pauseTenantOperation, {
      tenantId,
      reason: context.flags.reason ?? "",
    });
    context.say(before.paused ? `${tenantId} was paused already.` : `${tenantId} is paused.`);
    return 0;
  },
});
