import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";
import type { TableWork } from "@/server/scd2/table-work";

/** Whether a bulk load would replace a history that another run has made. */
export async function isReload(work: TableWork): Promise<boolean> {
  const row = await work.db.maybeRow(
    {
      name: "plans.is-reload",
      params: {
        tenant_id: work.tenantId,
        table_name: work.entity.name,
        run_id: work.runId,
      },
      sql: `SELECT versions FROM table_states FINAL
WHERE tenant_id = {tenant_id:String} AND table_name = {table_name:String}
  AND run_id != {run_id:String} AND unsettled_by != {run_id:String}`,
    },
    z.object({ versions: zCount }),
  );
  return row !== undefined && row.versions > 0;
}
