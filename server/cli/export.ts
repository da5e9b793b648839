import { pipeline } from "node:stream/promises";

import { entityOf, tableNames } from "@/lib/catalog";
import { exportHistory } from "@/server/scd2/export-history";
import { findTenant } from "@/server/tenants/find-tenant";
import { homeOf } from "@/server/tenants/placement";

import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb, required } from "./verb";

export const verb = defineVerb({
  name: "export",
  summary: "Print a table's full history as NDJSON",
  description:
    "Sorted by id and start: id, business columns, effective_start_date, effective_end_date, is_current.",
  flags: {
    tenant: { type: "string", value: "TENANT", help: "Tenant id" },
    table: { type: "string", value: "TABLE", help: `One of ${tableNames.join(", ")}` },
  },
  async run(context) {
    const tenantId = required(context.flags.tenant, "tenant");
    const table = required(context.flags.table, "table");
    const entity = entityOf(table);
    if (entity === undefined) {
      throw new UsageError(
        `There is no table "${table}". There are ${tableNames.join(", ")}.`,
        "export",
      );
    }
    const db = await homeOf(await openForVerb(context, "avesa export"), tenantId);
    if ((await findTenant(db, tenantId)) === undefined) {
      throw new UsageError(`There is no tenant "${tenantId}" in this data directory.`, "export");
    }
    await pipeline(await exportHistory(db, tenantId, entity), process.stdout, { end: false });
    return 0;
  },
});
