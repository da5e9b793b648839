import { z } from "zod";

import { zCount } from "@/server/clickhouse/columns";

import { type TableWork, logTable } from "./table-work";

/** The newest observation that the log holds of the tenant's table, ms UTC; null where it holds none. */
export async function measureWatermark(work: TableWork): Promise<number | null> {
  const { newest } = await work.db.row(
    {
      name: "scd2.watermark",
      params: { tenant_id: work.tenantId },
      sql: `SELECT maxOrNullIf(toUnixTimestamp64Milli(observed_at), kind != 'rejected') AS newest
FROM ${logTable(work.entity)} WHERE tenant_id = {tenant_id:String}`,
    },
    z.object({ newest: zCount.nullable() }),
  );
  return newest;
}
