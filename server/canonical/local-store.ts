import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { join, resolve, sep } from "node:path";

import type { CanonicalStore, ObjectSource, StoredObject } from "./canonical-store";
import { hasWholeFrames } from "./zstd-frames";

const WHOLE_CONTENT_BYTES = 16 * 1024 * 1024;
const SAMPLES = 8;
const SAMPLE_BYTES = 1024 * 1024;
/** Files that a writer has not finished yet, or that are no objects at all. */
const NOT_AN_OBJECT = /(^\.|\.tmp$|\.part$)/;

/** The canonical store in a local directory, with the key layout of S3. */
export class LocalStore implements CanonicalStore {
  readonly #root: string;

  constructor(directory: string) {
    this.#root = resolve(directory);
  }

  get location(): string {
    return this.#root;
  }

  get pathPrefix(): string {
    return this.#root.endsWith(sep) ? this.#root : `${this.#root}${sep}`;
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

  source(keys: readonly string[], format: string, structure: string): ObjectSource {
    const names = keys.length === 1 ? (keys[0] ?? "") : `{${keys.join(",")}}`;
    return {
      sql: "file({objects_path:String}, {objects_format:String}, {objects_structure:String})",
      params: {
        objects_path: `${this.pathPrefix}${names}`,
        objects_format: format,
        objects_structure: structure,
      },
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
