import { catalog } from "@/lib/catalog";
import { openCanonicalStore } from "@/server/canonical/open-store";
import { env } from "@/server/env";
import { runContext } from "@/server/runs/run-context";
import { unbalancedRuns } from "@/server/runs/verify-ledgers";
import { INVARIANTS, checkInvariants } from "@/server/scd2/invariants";
import { measureHistory } from "@/server/scd2/history-size";
import { findTenant } from "@/server/tenants/find-tenant";
import { homeOf } from "@/server/tenants/placement";

import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "verify",
  summary: "Check a tenant's history and the row ledger of every run",
  description: "Exit code 0 when all invariants hold and all ledgers balance.",
  flags: { tenant: { type: "string", value: "TENANT", help: "Tenant id" } },
  async run(context) {
    const tenantId = required(context.flags.tenant, "tenant");
    const db = await homeOf(await openForVerb(context, "avesa verify"), tenantId);
    if ((await findTenant(db, tenantId)) === undefined) {
      throw new UsageError(`There is no tenant "${tenantId}" in this data directory.`, "verify");
    }
    const runs = runContext(db, openCanonicalStore(), {
      serverMemoryBytes: env().CLICKHOUSE_MAX_MEMORY_BYTES,
    });
    let isGood = true;
    for (const entity of Object.values(catalog)) {
      const work = { ...runs, entity, tenantId, runId: "" };
      const violations = await checkInvariants(work, "all");
      const size = await measureHistory(work);
      const held = INVARIANTS.length - violations.length;
      context.print(
        `${entity.name}: ${held} of ${INVARIANTS.length} invariants hold; ${size.entities} entities, ${size.versions} versions, ${size.current} current`,
      );
      for (const { invariant, entities, samples } of violations) {
        isGood = false;
        context.print(
          `  ${invariant}: broken for ${entities}, such as ${samples.map((id) => JSON.stringify(id)).join(", ")}`,
        );
      }
    }
    const { runs: checked, unbalanced } = await unbalancedRuns(db, tenantId);
    for (const { run_id, table_name, difference } of unbalanced) {
      isGood = false;
      context.print(`run ${run_id}, ${table_name}: the row ledger differs by ${difference}`);
    }
    context.print(
      `${checked - new Set(unbalanced.map((one) => one.run_id)).size} of ${checked} runs balance`,
    );
    return isGood ? 0 : 1;
  },
});
