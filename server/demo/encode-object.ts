import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { entityOf } from "@/lib/catalog";
import type { Row } from "./row";

/** The formats that demo objects come in. Parquet is read by the engine but not written here. */
export type ObjectFormat =
  | "ndjson"
  | "ndjson.gz"
  | "jsonl"
  | "jsonl.gz"
  | "jsonl.zst"
  | "json"
  | "json.gz"
  | "csv"
  | "csv.gz";

/** A record, or the text of a line that is no record. */
export type Line = Row | string;

const gzip = promisify(zlib.gzip);
const METADATA = ["source_system", "source_table", "ingestion_timestamp", "last_updated"];

type Compress = (data: Buffer) => Buffer;

/** Zstandard came to Node in 22.15; on older ones objects are gzipped instead. */
const zstdCompress: Compress | null =
  "zstdCompressSync" in zlib && typeof zlib.zstdCompressSync === "function"
    ? (zlib.zstdCompressSync as Compress)
    : null;

/**
 * The bytes of an object and the extension that says what they are (`.zst` becomes `.gz` where this
 * Node cannot write it).
 *
 * @param table a table of the catalogue; decides the header of a CSV object
 * @throws when the table is unknown, or CSV is asked to hold a line that is no record
 */
export async function encodeObject(
  table: string,
  format: ObjectFormat,
  lines: readonly Line[],
): Promise<{ extension: string; bytes: Buffer }> {
  const [syntax = format, compression] = format.split(".");
  const text = Buffer.from(syntax === "csv" ? csvText(table, lines) : ndjsonText(lines), "utf8");
  if (compression === "zst" && zstdCompress)
    return { extension: format, bytes: zstdCompress(text) };
  if (compression) return { extension: `${syntax}.gz`, bytes: await gzip(text, { level: 4 }) };
  return { extension: format, bytes: text };
}

function ndjsonText(lines: readonly Line[]): string {
  return lines
    .map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`)
    .join("");
}

function csvText(table: string, lines: readonly Line[]): string {
  const entity = entityOf(table);
  if (!entity) throw new Error(`the catalogue has no ${table}`);
  const header = [entity.idColumn, ...entity.columns.map(({ name }) => name), ...METADATA];
  const body = lines.map((line) => {
    if (typeof line === "string") throw new Error("CSV objects hold whole records");
    return header.map((column) => csvCell(line[column])).join(",");
  });
  return `${[header.join(","), ...body].join("\n")}\n`;
}

/** NULL is an empty cell, text that needs it is quoted. */
function csvCell(value: Row[string] | undefined): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
