import type { Entity } from "@/lib/catalog";

import { historyTable, logTable } from "./table-work";

/**
 * What staging tables have of their own. They are written once and read a few times: the columns' codecs and the default one
 * of the log and the history would cost the load more than they save, so staging has the server's default, and parts take on
 * the table's codec when they are merged. Every column of a part at work has write buffers of this size, which at the default
 * of 1 MiB are most of what an insert takes.
 */
const SETTINGS = "SETTINGS max_compress_block_size = 131072";

/** Creates an empty table that can be attached to the log. */
export function createLike(table: string, of: "log" | "history", entity: Entity): string {
  const id = entity.idColumn;
  const [model, engine, order] =
    of === "log"
      ? [
          logTable(entity),
          "ReplacingMergeTree",
          `tenant_id, ${id}, observed_at, object_stamp, source_object, source_row`,
        ]
      : [
          historyTable(entity),
          "ReplacingMergeTree(row_version, is_deleted)",
          `tenant_id, ${id}, effective_start_date`,
        ];
  return `CREATE OR REPLACE TABLE ${table} AS ${model}
ENGINE = ${engine} PARTITION BY tenant_id ORDER BY (${order})
${SETTINGS}`;
}
