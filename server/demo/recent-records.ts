import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { entityOf } from "@/lib/catalog";
import type { Row } from "./row";

const unzip = promisify(gunzip);
const STAMP = /-(\d{8}T\d{6}(?:\d{3})?Z)-\d+\.(?:ndjson|jsonl|json)(\.gz)?$/;

/** Enough of the newest objects to hold what is open and the greatest number given out. */
const OBJECTS_READ = 60;

/**
 * The newest state of the records in the newest NDJSON objects of a table, plain or gzipped. Lines
 * and objects that cannot be read are passed over: a demo store has such on purpose.
 *
 * @returns the states, newest first by `last_updated`; none when nothing has landed
 */
export async function recentRecords(
  storeDir: string,
  tenantId: string,
  table: string,
): Promise<Row[]> {
  const entity = entityOf(table);
  if (!entity) throw new Error(`the catalogue has no ${table}`);
  const folder = path.join(storeDir, tenantId, "canonical", table);
  const newest = (await namesIn(folder))
    .map((name) => ({ name, match: STAMP.exec(name) }))
    .filter(({ match }) => match !== null)
    .sort((a, b) => (b.match?.[1] ?? "").localeCompare(a.match?.[1] ?? ""))
    .slice(0, OBJECTS_READ);

  const states = new Map<string, Row>();
  for (const { name, match } of newest) {
    const text = await textOf(path.join(folder, name), match?.[2] !== undefined);
    for (const row of text.split("\n").flatMap(parsedLine)) {
      const id = String(row[entity.idColumn] ?? "");
      const known = states.get(id);
      if (id !== "" && (!known || String(row["last_updated"]) > String(known["last_updated"])))
        states.set(id, row);
    }
  }
  return [...states.values()].sort((a, b) =>
    String(b["last_updated"]).localeCompare(String(a["last_updated"])),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    // A table that nothing has landed for has no folder.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function textOf(file: string, zipped: boolean): Promise<string> {
  const bytes = await readFile(file);
  if (!zipped) return bytes.toString("utf8");
  try {
    return (await unzip(bytes)).toString("utf8");
  } catch (error) {
    // One object of the demo store is cut off; what it held is in another.
    if (error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR") return "";
    throw error;
  }
}

function parsedLine(line: string): Row[] {
  if (!line.startsWith("{") || !line.endsWith("}")) return [];
  try {
    return [JSON.parse(line) as Row];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
