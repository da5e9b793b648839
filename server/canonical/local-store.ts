import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";

import type { ClickHouseError } from "@/server/clickhouse/error";

import {
  type CanonicalStore,
  DEFAULT_CHANGE_WINDOW_MS,
  NOT_AN_OBJECT,
  type ObjectFault,
  type ObjectSource,
  type StoredObject,
} from "./canonical-store";
import { StoreError } from "./store-error";
import { hasWholeFrames } from "./zstd-frames";

const WHOLE_CONTENT_BYTES = 16 * 1024 * 1024;
const SAMPLES = 8;
const SAMPLE_BYTES = 1024 * 1024;
/** FILE_DOESNT_EXIST of ClickHouse. */
const FILE_IS_GONE = 107;

/** The canonical store in a local directory, with the key layout of S3. */
export class LocalStore implements CanonicalStore {
  readonly #root: string;

  constructor(
    directory: string,
    readonly changeWindowMs: number = DEFAULT_CHANGE_WINDOW_MS,
  ) {
    this.#root = resolve(directory);
  }

  get location(): string {
    return this.#root;
  }

  get pathPrefix(): string {
    return this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`;
  }

  /** A directory that is not there yet is an empty store. */
  async check(): Promise<void> {
    try {
      await readdir(this.#root);
    } catch (error) {
      if (isMissing(error) && (await orIfMissing(stat(this.#root), undefined)) === undefined)
        return;
      const { code } = error as NodeJS.ErrnoException;
      const reason = code === "ENOTDIR" ? "is not a directory" : `cannot be read (${code ?? "?"})`;
      throw new StoreError(
        "bad-settings",
        `The canonical store ${this.#root} ${reason}. Give CANONICAL_STORE or --store a directory that this user may read.`,
      );
    }
  }

  async tenants(): Promise<string[]> {
    return folders(this.#root);
  }

  async tableFolders(tenantId: string): Promise<string[]> {
    return folders(join(this.#root, tenantId, "canonical"));
  }

  async list(prefix: string): Promise<StoredObject[]> {
    const directory = join(this.#root, prefix);
    const entries = await orIfMissing(
      readdir(directory, { recursive: true, withFileTypes: true }),
      [],
    );
    const objects: StoredObject[] = [];
    for (const entry of entries) {
      if (!entry.isFile() || NOT_AN_OBJECT.test(entry.name)) continue;
      const path = join(entry.parentPath, entry.name);
      const stats = await orIfMissing(stat(path), undefined);
      if (stats === undefined) continue;
      const key = path.slice(this.pathPrefix.length).replaceAll(sep, "/");
      objects.push({ key, bytes: stats.size, lastModified: Math.floor(stats.mtimeMs) });
    }
    return objects.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** MD5 of the content, as S3 has it; of objects above 16 MiB, of the size and eight spans from end to end. */
  async etag(object: StoredObject): Promise<string | undefined> {
    const path = join(this.#root, object.key);
    const hash = createHash("md5");
    try {
      if (object.bytes <= WHOLE_CONTENT_BYTES) {
        for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
        return hash.digest("hex");
      }
      const file = await open(path);
      try {
        for (let sample = 0; sample < SAMPLES; sample++) {
          const position = Math.floor(((object.bytes - SAMPLE_BYTES) * sample) / (SAMPLES - 1));
          const { buffer, bytesRead } = await file.read(
            Buffer.alloc(SAMPLE_BYTES),
            0,
            SAMPLE_BYTES,
            position,
          );
          hash.update(buffer.subarray(0, bytesRead));
        }
      } finally {
        await file.close();
      }
      return `${hash.update(String(object.bytes)).digest("hex")}-sampled`;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async isWhole(object: StoredObject): Promise<boolean> {
    if (!object.key.endsWith(".zst")) return true;
    const file = await orIfMissing(open(join(this.#root, object.key)), undefined);
    // One that is gone is missed where it is read.
    if (file === undefined) return true;
    try {
      return await hasWholeFrames(async (position, length) => {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
        return buffer.subarray(0, bytesRead);
      }, object.bytes);
    } finally {
      await file.close();
    }
  }

  async replaced(objects: readonly StoredObject[]): Promise<ReadonlySet<string>> {
    const replaced = new Set<string>();
    for (const { key, bytes, lastModified } of objects) {
      const stats = await orIfMissing(stat(join(this.#root, key)), undefined);
      if (stats === undefined) continue;
      if (stats.size !== bytes || Math.floor(stats.mtimeMs) !== lastModified) replaced.add(key);
    }
    return replaced;
  }

  async explain(error: ClickHouseError): Promise<ObjectFault | undefined> {
    return error.code === FILE_IS_GONE ? "vanished" : undefined;
  }

  async source(keys: readonly string[], format: string, structure: string): Promise<ObjectSource> {
    const names = keys.length === 1 ? (keys[0] ?? "") : `{${keys.join(",")}}`;
    return {
      sql: "file({objects_path:String}, {objects_format:String}, {objects_structure:String})",
      params: {
        objects_path: `${this.pathPrefix}${names}`,
        objects_format: format,
        objects_structure: structure,
      },
      settings: {},
    };
  }
}

async function folders(directory: string): Promise<string[]> {
  const entries = await orIfMissing(readdir(directory, { withFileTypes: true }), []);
  return entries
    .filter((entry) => entry.isDirectory() && !NOT_AN_OBJECT.test(entry.name))
    .map((entry) => entry.name)
    .sort();
}

async function orIfMissing<T>(promise: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return code === "ENOENT" || code === "ENOTDIR";
}
