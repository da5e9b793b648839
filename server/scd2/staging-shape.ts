import type { Entity } from "@/lib/catalog";

import { CLOSED_FROM, historyTable, logTable } from "./table-work";

/**
 * When a part of a log or history is compressed anew, as sql/migrations/0012_codecs.sql and 0016_current_rows_apart.sql say it. A
 * part that is attached brings along when it is due, so staging has the same rule.
 */
export const RECOMPRESSION = {
  log: "TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3))",
  history: "TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(7))",
} as const;

/**
 * Every column of a part that is being written has buffers of this size. At the default of 1 MiB they are most of the memory
 * that an insert takes.
 */
const SETTINGS = "SETTINGS max_compress_block_size = 131072";

/** As in sql/migrations/0016_current_rows_apart.sql: parts stay as they were written. */
const HISTORY_SETTINGS = `${SETTINGS}, index_granularity = 1024, min_bytes_for_wide_part = 33554432`;

/** Creates an empty table that can be attached to the log or the history. */
export function createLike(table: string, of: "log" | "history", entity: Entity): string {
  const id = entity.idColumn;
  const [model, engine, keys, settings] =
    of === "log"
      ? [
          logTable(entity),
          "ReplacingMergeTree",
          `ORDER BY (tenant_id, ${id}, observed_at, object_stamp, source_object, source_row)`,
          SETTINGS,
        ]
      : [
          historyTable(entity),
          "ReplacingMergeTree(row_version, is_deleted)",
          `PRIMARY KEY (tenant_id, is_current, ${id}) ORDER BY (tenant_id, is_current, ${id}, ${CLOSED_FROM})`,
          HISTORY_SETTINGS,
        ];
  return `CREATE OR REPLACE TABLE ${table} AS ${model}
ENGINE = ${engine} PARTITION BY tenant_id ${keys}
${RECOMPRESSION[of]}
${settings}`;
}
