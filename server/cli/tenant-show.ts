import { readTenantSettingsOperation } from "@/server/pipeline/operations/tenant-settings";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { tenantLines } from "./tenant-lines";
import { defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "tenant show",
  summary: "Show a tenant's schedule, limits, next increment and what waits",
  flags: {
    tenant: { type: "string", value: "TENANT", help: "Tenant id" },
    json: { type: "boolean", help: "One JSON object, as the API answers" },
  },
  async run(context) {
    const tenantId = required(context.flags.tenant, "tenant");
    const db = await openForVerb(context, "avesa tenant show");
    const reply = await carryOutForVerb(db, readTenantSettingsOperation, { tenantId });
    if (context.flags.json === true) context.print(JSON.stringify(reply));
    else for (const line of tenantLines(reply)) context.print(line);
    return 0;
  },
});
