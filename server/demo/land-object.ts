import { mkdir, rename, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Puts an object into a local canonical store. It appears whole or not at all: the bytes are written
 * beside the store's keys first and then take their name.
 *
 * @param storeDir the store's directory; made when it is not there
 * @param key the object's key, `/` between its parts
 */
export async function landObject(storeDir: string, key: string, bytes: Uint8Array): Promise<void> {
  const target = path.join(storeDir, ...key.split("/"));
  const folder = path.dirname(target);
  const landing = path.join(storeDir, `.landing-${process.pid}-${key.replaceAll("/", "-")}`);
  await mkdir(folder, { recursive: true });
  await writeFile(landing, bytes);
  await rename(landing, target);
}

/** An instant (ms UTC) as object names carry it: `20261122T184500Z`, with its milliseconds if it has any. */
export function compactStamp(ms: number): string {
  const text = new Date(ms).toISOString().replaceAll(/[-:.]/g, "");
  return ms % 1000 === 0 ? `${text.slice(0, 15)}Z` : text;
}
