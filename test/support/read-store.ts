import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import * as zlib from "node:zlib";

/** An object of a local store, unpacked. `records` holds what could be parsed, in the order of the rows. */
export interface StoredObject {
  key: string;
  /** False when the compressed bytes are cut off. */
  readable: boolean;
  records: Record<string, unknown>[];
  /** Lines that are not JSON. */
  tornLines: string[];
}

/** The keys in a local store, or of one tenant in it, sorted; files whose name begins with a dot are none. */
export function keysIn(storeDir: string, tenantId = ""): string[] {
  return readdirSync(path.join(storeDir, tenantId), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith("."))
    .map((entry) => path.relative(storeDir, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** Reads an NDJSON or CSV object, plain, .gz or .zst. Throws when the file is missing. */
export function readStored(storeDir: string, key: string): StoredObject {
  const object: StoredObject = { key, readable: true, records: [], tornLines: [] };
  let text: string;
  try {
    text = unpacked(key, readFileSync(path.join(storeDir, key))).toString("utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR")
      return { ...object, readable: false };
    throw error;
  }
  if (key.includes(".csv")) return { ...object, records: csvRecords(text) };
  for (const line of text.split("\n").filter((candidate) => candidate !== "")) {
    try {
      object.records.push(JSON.parse(line) as Record<string, unknown>);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      object.tornLines.push(line);
    }
  }
  return object;
}

function unpacked(key: string, bytes: Buffer): Buffer {
  if (key.endsWith(".gz")) return zlib.gunzipSync(bytes);
  if (!key.endsWith(".zst")) return bytes;
  // Node 20 cannot read these and demo objects are not written so there.
  const decompress = "zstdDecompressSync" in zlib ? zlib.zstdDecompressSync : null;
  if (typeof decompress !== "function") throw new Error("this Node cannot read Zstandard");
  return (decompress as (data: Buffer) => Buffer)(bytes);
}

/** RFC 4180 with a header; an empty cell without quotes is null. */
function csvRecords(text: string): Record<string, unknown>[] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)/g)];
  const rows: (string | null)[][] = [[]];
  for (const [, quoted, plain = "", end] of cells) {
    rows.at(-1)?.push(quoted === undefined ? plain || null : quoted.replaceAll('""', '"'));
    if (end === "\n") rows.push([]);
  }
  const [header = [], ...body] = rows.slice(0, -1);
  return body.map((row) =>
    Object.fromEntries(header.map((name, at) => [String(name), row[at] ?? null])),
  );
}
