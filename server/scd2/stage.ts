import type { ObjectFormat } from "@/server/canonical/object-key";

import { type RawRows, rawName, rawRows } from "./raw-rows";
import { list } from "./sql-text";
import { createLike } from "./staging-shape";
import { CREATION, type TableWork, heavySettings, stagingTables } from "./table-work";
import { errorsOf, kindOf, nothing, recordHash, typedColumns } from "./typed-values";

/** An object that a batch reads. */
export interface BatchObject {
  readonly key: string;
  readonly format: ObjectFormat;
  readonly bytes: number;
  readonly etag: string;
  /** ms UTC. */
  readonly lastModified: number;
  /** ms UTC (R4, R5). */
  readonly stamp: number;
  /** ms UTC of the extract it belongs to. */
  readonly extractAt?: number;
}

/** Creates the empty staging table of a run; one of an earlier attempt is dropped first. */
export async function createStage(work: TableWork): Promise<void> {
  const { stage } = stagingTables(work);
  await work.db.command({
    name: "scd2.stage.create",
    settings: CREATION,
    sql: createLike(stage, "log", work.entity),
  });
}

/**
 * Step 2 of the engine (design.md §5): objects of one format → the staging table, one statement. Every row
 * is staged: typed and hashed, or `rejected` with its raw record and errors.
 *
 * @returns rows staged
 * @throws ClickHouseError where an object cannot be read; nothing says which one
 */
export async function stageObjects(
  work: TableWork,
  format: ObjectFormat,
  objects: readonly BatchObject[],
  queryId?: string,
): Promise<number> {
  const keys = objects.map((object) => object.key);
  const raw = await rawRows(work.entity, work.store, format, keys);
  return stageRows(work, raw, objects, { queryId });
}

/**
 * Stages records, wherever they are read from.
 *
 * @param objects what they belong to: gives them their stamps and extracts
 * @param options `acceptedOnly` leaves out what breaks a rule
 * @returns rows staged
 */
export async function stageRows(
  work: TableWork,
  raw: RawRows,
  objects: readonly Pick<BatchObject, "key" | "stamp" | "extractAt">[],
  {
    queryId,
    acceptedOnly,
  }: { readonly queryId?: string | undefined; readonly acceptedOnly?: true } = {},
): Promise<number> {
  const { entity } = work;
  const id = rawName(entity.idColumn);
  const result = await work.db.command({
    name: "scd2.stage.insert",
    ...(queryId === undefined ? {} : { queryId }),
    signal: work.signal,
    settings: {
      ...heavySettings(work),
      ...raw.settings,
      input_format_skip_unknown_fields: 1,
      input_format_parquet_allow_missing_columns: 1,
      input_format_with_names_use_header: 1,
      // The rows of a block of very long records must fit into memory too.
      input_format_max_block_size_bytes: String(64 * 1024 * 1024),
    },
    params: {
      ...raw.params,
      tenant_id: work.tenantId,
      run_id: work.runId,
      objects: objects.map((object) => object.key),
      stamps: objects.map((object) => object.stamp),
      extracts: objects.map((object) => object.extractAt ?? NO_EXTRACT),
    },
    sql: `INSERT INTO ${stagingTables(work).stage} (
  tenant_id, ${entity.idColumn}, observed_at, object_stamp, source_object, source_row, kind, extract_at,
  ${list(entity.columns.map((column) => column.name))},
  record_hash, source_system, source_table, ingestion_timestamp, run_id, raw, errors)
WITH
  ${list([
    `fromUnixTimestamp64Milli(transform(source_object, {objects:Array(String)}, {stamps:Array(Int64)}, toInt64(0)), 'UTC') AS object_stamp`,
    `transform(source_object, {objects:Array(String)}, {extracts:Array(Int64)}, toInt64(0)) AS extract_ms`,
    ...typedColumns(entity),
    ...kindOf(entity),
  ])}
SELECT
  {tenant_id:String},
  if(isValidUTF8(ifNull(${id}, '')), ifNull(${id}, ''), ''),
  if(kind = 'rejected', ${REJECTED_AT}, ifNull(last_updated, object_stamp)),
  object_stamp,
  source_object,
  source_row,
  kind,
  if(extract_ms = ${NO_EXTRACT}, NULL, fromUnixTimestamp64Milli(extract_ms, 'UTC')),
  ${list(entity.columns.map((column) => (column.required ? `ifNull(${column.name}, ${nothing(column)})` : column.name)))},
  if(kind = 'upsert', ${recordHash(entity)}, 0),
  ifNull(raw_source_system, ''),
  ifNull(raw_source_table, ''),
  now64(3),
  {run_id:String},
  if(kind = 'rejected', ${raw.record}, ''),
  if(kind = 'rejected', ${errorsOf(entity)}, [])
FROM (
${raw.sql}
)${acceptedOnly ? " WHERE kind != 'rejected'" : ""}`,
  });
  return result.writtenRows;
}

/**
 * Where a rejected record stands in time: nowhere that an observation would. It says nothing of its own time, and so the
 * observation that mends it never has its key, under which one of the two would be lost.
 */
const REJECTED_AT = "toDateTime64('1900-01-01 00:00:00.001', 3, 'UTC')";

/** Stands for "belongs to no extract" among the bound extract times: no stamp of four digits reaches it. */
const NO_EXTRACT = -9_000_000_000_000_000;
