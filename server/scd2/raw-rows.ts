import type { Entity } from "@/lib/catalog";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import type { ObjectFormat } from "@/server/canonical/object-key";

import { list, literal } from "./sql-text";

/** Fields beside the business columns that a record may carry. */
const METADATA = ["last_updated", "source_system", "source_table", "_deleted"] as const;

/**
 * Number spellings that a JSON parser would not give back as they were written: a fraction that ends in 0,
 * an exponent, more digits than a double holds. Their text counts (R2: no float in between), so lines that
 * may have one are read with every number quoted first.
 */
const FRAGILE_NUMBER = String.raw`[:,\[]\s*-?[0-9]+(\.[0-9]*0\s*[,}\]]|[0-9.]{15}|[0-9.]*[eE])`;
/** Every character of a line is part of a token, and only what JSON takes for a number is quoted: the line stays as good or bad as it was. */
const JSON_TOKEN = String.raw`"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|[^"0-9-]+|-|"`;
const JSON_NUMBER = String.raw`^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$`;

const JSON_TYPE_IN_WORDS =
  "transform(toString(JSONType(line)), ['Int64', 'UInt64', 'Double', 'Bool'], ['number', 'number', 'number', 'boolean'], lower(toString(JSONType(line))))";

export interface RawRows {
  readonly sql: string;
  /** The record as it came, as JSON: an expression over the columns of the SELECT, to be taken of rejected rows only. */
  readonly record: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** What the statement is to be run with. */
  readonly settings: Readonly<Record<string, string | number>>;
}

/** The name of a field's raw text in {@link rawRows}. */
export function rawName(field: string): string {
  return `raw_${field}`;
}

/** The fields that are read of a record of this entity. */
export function fieldsOf(entity: Entity): string[] {
  return [entity.idColumn, ...entity.columns.map((column) => column.name), ...METADATA];
}

/**
 * A SELECT of the records in some objects of one format, as text: `source_object` (the key), `source_row`
 * (from 1), `deleted`, `problem` (a row that is no record at all,
 * in words; '' otherwise), `problem_rule`, and one `raw_…` Nullable(String) a field.
 */
export async function rawRows(
  entity: Entity,
  store: CanonicalStore,
  format: ObjectFormat,
  keys: readonly string[],
): Promise<RawRows> {
  return format === "ndjson"
    ? jsonLines(entity, store, keys)
    : columnar(entity, store, format, keys);
}

/** Where a row stands: its object's key and its place there, from 1. */
const PLACE = `substring(_path, {path_prefix_bytes:UInt32} + 1) AS source_object,
    _row_number + 1 AS source_row`;

async function jsonLines(
  entity: Entity,
  store: CanonicalStore,
  keys: readonly string[],
): Promise<RawRows> {
  const source = await store.source(keys, "LineAsString", "line String");
  return {
    params: { ...source.params, path_prefix_bytes: Buffer.byteLength(store.pathPrefix) },
    settings: source.settings,
    record: "line",
    sql: jsonRecords(
      entity,
      PLACE,
      `${source.sql}
  WHERE NOT match(line, '^[ \\r]*$')`,
    ),
  };
}

/**
 * As {@link rawRows}, of records that ClickHouse holds as lines of JSON.
 *
 * @param held a SELECT of `source_object`, `source_row` and `line`
 */
export function heldRows(
  entity: Entity,
  held: string,
  params: Readonly<Record<string, unknown>>,
): RawRows {
  return {
    params,
    settings: {},
    record: "line",
    sql: jsonRecords(entity, "source_object, source_row", `(${held})`),
  };
}

/** The SELECT that reads lines of JSON. `place` gives `source_object` and `source_row` of what `from` has. */
function jsonRecords(entity: Entity, place: string, from: string): string {
  const fields = fieldsOf(entity);
  const tuple = fields.map((field) => `${field} Nullable(String)`).join(", ");
  return `SELECT
  source_object,
  source_row,
  line,
  ifNull(tupleElement(fields, '_deleted'), '') = 'true' AND JSONExtractRaw(readable, '_deleted') = 'true' AS deleted,
  multiIf(
    NOT isValidUTF8(line), 'the line is not valid UTF-8',
    NOT startsWith(trimLeft(line), '{'),
      if(isValidJSON(line), concat('the line is a JSON ', ${JSON_TYPE_IN_WORDS}, ', not an object'), 'the line is not JSON'),
    empty(names), if(isValidJSON(readable), '', 'the line is not JSON'),
    arrayUniq(names) != length(names),
      concat('the key "', arrayFirst((name, nth) -> nth > 1, names, arrayEnumerateUniq(names)), '" appears twice'),
    '') AS problem,
  if(isValidUTF8(line), 'json', 'encoding') AS problem_rule,
  ${list(fields.map((field) => `tupleElement(fields, ${literal(field)}) AS ${rawName(field)}`))}
FROM (
  SELECT
    ${place},
    line,
    JSONExtractKeys(readable) AS names,
    if(
      multiMatchAny(line, [${literal(FRAGILE_NUMBER)}]),
      arrayStringConcat(arrayMap(
        token -> if(match(token, ${literal(JSON_NUMBER)}), concat('"', token, '"'), token),
        extractAll(line, ${literal(JSON_TOKEN)}))),
      line) AS readable,
    JSONExtract(readable, ${literal(`Tuple(${tuple})`)}) AS fields
  FROM ${from}
)`;
}

async function columnar(
  entity: Entity,
  store: CanonicalStore,
  format: "parquet" | "csv",
  keys: readonly string[],
): Promise<RawRows> {
  const fields = fieldsOf(entity);
  const structure = fields.map((field) => `${field} Nullable(String)`).join(", ");
  const source = await store.source(keys, format === "csv" ? "CSVWithNames" : "Parquet", structure);
  // Most text is ASCII, which is told three times faster. On the nullable column itself: taking the NULLs out first
  // would copy every text.
  const isText = fields
    .map((field) => `ifNull(isValidASCII(${field}) OR isValidUTF8(${field}), true)`)
    .join(" AND ");
  return {
    params: { ...source.params, path_prefix_bytes: Buffer.byteLength(store.pathPrefix) },
    settings: source.settings,
    record: `toJSONString(map(${fields.map((field) => `${literal(field)}, ${rawName(field)}`).join(", ")}))`,
    sql: `SELECT
  source_object,
  source_row,
  ifNull(${rawName("_deleted")}, '') = 'true' AS deleted,
  if(is_text, '', 'the row is not valid UTF-8') AS problem,
  'encoding' AS problem_rule,
  ${list(fields.map(rawName))}
FROM (
  SELECT
    ${PLACE},
    ${isText} AS is_text,
    ${list(fields.map((field) => `${field} AS ${rawName(field)}`))}
  FROM ${source.sql}
)`,
  };
}
