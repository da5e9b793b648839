import { resumeTenantOperation } from "@/server/pipeline/operations/tenant-settings";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "tenant resume",
  summary: "Let a paused tenant's increments start by themselves again",
  description: "What came while it was paused is looked for at once.",
  flags: { tenant: { type: "string", value: "TENANT", help: "Tenant id" } },
  async run(context) {
    const tenantId = required(context.flags.tenant, "tenant");
    const db = await openForVerb(context, "avesa tenant resume");
    const { before } = await carryOutForVerb(db, resumeTenantOperation, { tenantId });
    context.say(before.paused ? `${tenantId} goes on by itself.` : `${tenantId} was not paused.`);
    return 0;
  },
});
