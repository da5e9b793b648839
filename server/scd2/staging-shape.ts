import type { Entity } from "@/lib/catalog";

import { historyTable, logTable } from "./table-work";

/**
 * When a part of a log or history is compressed anew, as sql/migrations/0012_codecs.sql says it. A part that is attached
 * brings along when it is due, so staging has the same rule.
 */
export const RECOMPRESSION =
  "TTL toDateTime(ingestion_timestamp) + INTERVAL 1 HOUR RECOMPRESS CODEC(ZSTD(3))";

/**
 * Every column of a part that is being written has buffers of this size. At the default of 1 MiB they are most of the memory
 * that an insert takes.
 */
const SETTINGS = "SETTINGS max_compress_block_size = 131072";

/** The history's projection of current rows comes along; ClickHouse wants to be told what a merge does with it. */
const HISTORY_SETTINGS = `${SETTINGS}, deduplicate_merge_projection_mode = 'rebuild'`;

/**
 * Creates an empty table that can be attached to the log or the history.
 *
 * @param isWhole whether current rows of the history are written next to each other at once. For an increment that would be 5 ms
 *   of CPU time; the first merge of its part does it
 */
export function createLike(
  table: string,
  of: "log" | "history",
  entity: Entity,
  isWhole = false,
): string {
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
  const settings =
    of === "log"
      ? SETTINGS
      : `${HISTORY_SETTINGS}, materialize_projections_on_insert = ${isWhole ? 1 : 0}`;
  return `CREATE OR REPLACE TABLE ${table} AS ${model}
ENGINE = ${engine} PARTITION BY tenant_id ORDER BY (${order})
${RECOMPRESSION}
${settings}`;
}
