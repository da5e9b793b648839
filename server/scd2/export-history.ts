import type { Readable } from "node:stream";

import type { Entity } from "@/lib/catalog";
import type { Db } from "@/server/clickhouse/client";

import { list } from "./sql-text";
import { historyTable } from "./table-work";

/**
 * A tenant's full history of one table as NDJSON, sorted by id and start: id, business columns,
 * effective_start_date, effective_end_date (ISO, ms, Z), is_current. Decimals are text with two places,
 * integers are numbers.
 */
export async function exportHistory(db: Db, tenantId: string, entity: Entity): Promise<Readable> {
  const columns = [
    entity.idColumn,
    ...entity.columns.map((column) => column.name),
    "effective_start_date",
    "effective_end_date",
    "is_current",
  ];
  return db.stream({
    name: "scd2.export",
    params: { tenant_id: tenantId },
    settings: {
      date_time_output_format: "iso",
      output_format_json_quote_decimals: 1,
      output_format_decimal_trailing_zeros: 1,
      output_format_json_quote_64bit_integers: 0,
      output_format_json_escape_forward_slashes: 0,
    },
    sql: `SELECT ${list(columns)}
FROM ${historyTable(entity)} FINAL
WHERE tenant_id = {tenant_id:String}
ORDER BY ${entity.idColumn}, effective_start_date
FORMAT JSONEachRow`,
  });
}
