import { fleetOf } from "@/server/clickhouse/fleet-database";
import { readDeadLetter, tenantOfDeadLetter } from "@/server/analytics/dead-letter-item";
import { commandLineActor } from "@/server/pipeline/command-line";
import { scopeToTenant } from "@/server/tenant-scope";
import { homeOf } from "@/server/tenants/placement";

import { openForVerb } from "./open-for-verb";
import { defineVerb } from "./verb";

export const verb = defineVerb({
  name: "dlq show",
  summary: "Show one dead letter with its record and errors",
  description: "Prints one JSON object.",
  arguments: ["ID"],
  flags: {},
  async run(context) {
    const [id = ""] = context.positionals;
    const db = await openForVerb(context, "avesa dlq show");
    const scope = await scopeToTenant(
      fleetOf(db),
      commandLineActor(),
      await tenantOfDeadLetter(id, fleetOf(db)),
      `There is no dead letter "${id}".`,
    );
    const { item } = await readDeadLetter(scope, id, await homeOf(db, scope.tenantId));
    context.print(JSON.stringify(item, null, 2));
    return 0;
  },
});
