import { tickets } from "@/lib/catalog/tickets";
import type { Db } from "@/server/clickhouse/client";
import { historyTable } from "@/server/scd2/table-work";

import { INPUT, KEPT, ROW_HASH } from "./input";

const TABLE = "bench_dlt";
const ID = tickets.idColumn;

/** Fills the table with what our history has of a tenant, sorted by id and merged to one part. */
export async function fillDlt(db: Db, tenantId: string): Promise<void> {
  await db.command({
    name: "bench.dlt.create",
    params: { tenant_id: tenantId },
    sql: `CREATE OR REPLACE TABLE ${TABLE} ENGINE = MergeTree ORDER BY (${ID}, _dlt_valid_from) AS
SELECT ${KEPT.join(", ")}, ${ROW_HASH} AS row_hash, effective_start_date AS _dlt_valid_from, effective_end_date AS _dlt_valid_to
FROM ${historyTable(tickets)} FINAL WHERE tenant_id = {tenant_id:String}`,
  });
  await db.command({ name: "bench.dlt.merge", sql: `OPTIMIZE TABLE ${TABLE} FINAL` });
}

/**
 * One load in the shape of dlt's scd2 merge with the id as merge key: a mutation retires open rows of delivered ids whose
 * hash was not delivered, then absent hashes are inserted. Shaped after what the tool issues, not the tool; its own tables
 * of loads and versions are left out, and its text hash is a number here.
 */
export async function runDlt(db: Db): Promise<void> {
  const boundary = new Date().toISOString();
  await db.command({
    name: "bench.dlt.retire",
    settings: { mutations_sync: "1" },
    // The text is ours: an ALTER takes no parameters in its expressions everywhere.
    sql: `ALTER TABLE ${TABLE} UPDATE _dlt_valid_to = parseDateTime64BestEffort('${boundary}', 3, 'UTC')
WHERE isNull(_dlt_valid_to) AND row_hash NOT IN (SELECT row_hash FROM ${INPUT}) AND ${ID} IN (SELECT ${ID} FROM ${INPUT})`,
  });
  await db.command({
    name: "bench.dlt.insert",
    params: { boundary },
    sql: `INSERT INTO ${TABLE} (${KEPT.join(", ")}, row_hash, _dlt_valid_from, _dlt_valid_to)
SELECT ${KEPT.join(", ")}, row_hash, parseDateTime64BestEffort({boundary:String}, 3, 'UTC'), NULL FROM ${INPUT}
WHERE row_hash NOT IN (SELECT row_hash FROM ${TABLE} WHERE isNull(_dlt_valid_to))`,
  });
}

/** Drops it. */
export async function dropDlt(db: Db): Promise<void> {
  await db.command({ name: "bench.dlt.drop", sql: `DROP TABLE IF EXISTS ${TABLE} SYNC` });
}
