import type { Db } from "@/server/clickhouse/client";
import { historyTable } from "@/server/scd2/table-work";
import { tickets } from "@/lib/catalog/tickets";

import { INPUT, KEPT } from "./input";

/** The snapshot as dbt would keep it, and what it makes on the way. */
const SNAPSHOT = "bench_dbt";
const STAGING = "bench_dbt_staging";
const UPSERT = "bench_dbt_upsert";

const ID = tickets.idColumn;
const COLUMNS = [...KEPT, "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"];
/** 64 bits of the key and the time, joined by a stroke. */
const SCD_ID = `halfMD5(concat(ifNull(${ID}, ''), '|', toString(last_updated)))`;

/** Fills the snapshot's table with what our history has of a tenant, sorted by id and merged to one part. */
export async function fillDbt(db: Db, tenantId: string): Promise<void> {
  await db.command({
    name: "bench.dbt.create",
    params: { tenant_id: tenantId },
    sql: `CREATE OR REPLACE TABLE ${SNAPSHOT} ENGINE = MergeTree ORDER BY (${ID}, dbt_valid_from) AS
SELECT ${KEPT.join(", ")}, ${SCD_ID} AS dbt_scd_id, last_updated AS dbt_updated_at,
  effective_start_date AS dbt_valid_from, effective_end_date AS dbt_valid_to
FROM ${historyTable(tickets)} FINAL WHERE tenant_id = {tenant_id:String}`,
  });
  await db.command({ name: "bench.dbt.merge", sql: `OPTIMIZE TABLE ${SNAPSHOT} FINAL` });
}

/**
 * One run in the shape of a dbt-clickhouse snapshot with the timestamp strategy: changes found by joining the input with
 * the open rows, into a temporary table; a new table of the untouched rows, of the closed ones and of the new ones; the two
 * exchanged. Shaped after what the tool issues, not the tool. Requests for metadata, of which it makes many, are left out.
 */
export async function runDbt(db: Db): Promise<void> {
  const statements = [
    `CREATE TABLE ${STAGING} ENGINE = Memory AS
WITH
open_rows AS (SELECT ${ID} AS dbt_unique_key, dbt_valid_from, dbt_scd_id FROM ${SNAPSHOT} WHERE dbt_valid_to IS NULL),
source AS (SELECT ${KEPT.join(", ")}, ${ID} AS dbt_unique_key, last_updated AS dbt_updated_at FROM ${INPUT}),
insertions AS (
  SELECT 'insert' AS dbt_change_type, ${prefixed("source", KEPT)}, ${SCD_ID} AS dbt_scd_id,
    source.dbt_updated_at AS dbt_updated_at, source.dbt_updated_at AS dbt_valid_from,
    CAST(NULL, 'Nullable(DateTime64(3, \\'UTC\\'))') AS dbt_valid_to
  FROM open_rows RIGHT JOIN source ON open_rows.dbt_unique_key = source.dbt_unique_key
  WHERE open_rows.dbt_unique_key IS NULL OR open_rows.dbt_valid_from < source.dbt_updated_at
),
updates AS (
  SELECT 'update' AS dbt_change_type, ${prefixed("source", KEPT)}, open_rows.dbt_scd_id AS dbt_scd_id,
    source.dbt_updated_at AS dbt_updated_at, source.dbt_updated_at AS dbt_valid_from, source.dbt_updated_at AS dbt_valid_to
  FROM open_rows INNER JOIN source ON open_rows.dbt_unique_key = source.dbt_unique_key
  WHERE open_rows.dbt_valid_from < source.dbt_updated_at
)
SELECT * FROM insertions UNION ALL SELECT * FROM updates`,
    `CREATE TABLE ${UPSERT} AS ${SNAPSHOT}`,
    `INSERT INTO ${UPSERT} (${COLUMNS.join(", ")})
SELECT ${COLUMNS.join(", ")} FROM ${SNAPSHOT} WHERE dbt_scd_id NOT IN (SELECT dbt_scd_id FROM ${STAGING})`,
    `INSERT INTO ${UPSERT} (${COLUMNS.join(", ")})
WITH closed AS (SELECT dbt_scd_id, dbt_valid_to FROM ${STAGING} WHERE dbt_change_type IN ('update', 'delete'))
SELECT ${COLUMNS.map((name) => (name === "dbt_valid_to" ? "closed.dbt_valid_to" : `target.${name} AS ${name}`)).join(", ")}
FROM ${SNAPSHOT} AS target INNER JOIN closed ON target.dbt_scd_id = closed.dbt_scd_id`,
    `INSERT INTO ${UPSERT} (${COLUMNS.join(", ")})
SELECT ${COLUMNS.join(", ")} FROM ${STAGING} WHERE dbt_change_type = 'insert'`,
    `EXCHANGE TABLES ${UPSERT} AND ${SNAPSHOT}`,
  ];
  for (const sql of statements) {
    await db.command({ name: "bench.dbt", sql, settings: { join_use_nulls: 1 } });
  }
}

/** Drops what a run left behind; the tool does so too, but is not charged for it. */
export async function clearDbt(db: Db): Promise<void> {
  for (const table of [STAGING, UPSERT]) {
    await db.command({ name: "bench.dbt.clear", sql: `DROP TABLE IF EXISTS ${table} SYNC` });
  }
}

/** Drops all of it. */
export async function dropDbt(db: Db): Promise<void> {
  await clearDbt(db);
  await db.command({ name: "bench.dbt.drop", sql: `DROP TABLE IF EXISTS ${SNAPSHOT} SYNC` });
}

function prefixed(table: string, columns: readonly string[]): string {
  return columns.map((name) => `${table}.${name} AS ${name}`).join(", ");
}
