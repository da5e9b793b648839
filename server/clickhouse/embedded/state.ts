import { readFile } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

const serverState = z.object({
  version: z.literal(1),
  serverId: z.string(),
  pid: z.number().int(),
  host: z.string(),
  httpPort: z.number().int(),
  tcpPort: z.number().int(),
  controlPort: z.number().int(),
  token: z.string(),
  url: z.string(),
  username: z.string(),
  password: z.string(),
  reader: z.object({ username: z.string(), password: z.string() }),
  engineVersion: z.string(),
  startedAt: z.string(),
});

/** How to reach the embedded server of a data directory: what its process wrote to `server.json`. */
export type ServerState = z.output<typeof serverState>;

/** The folder of the embedded server within a data directory. */
export function serverDir(dataDir: string): string {
  return path.join(dataDir, "clickhouse");
}

/**
 * Reads what the server last wrote. The server may be gone since: only its control port can tell.
 *
 * @param dir the server's folder, see {@link serverDir}
 * @returns undefined where there is no state file, or none that can be understood
 */
export async function readServerState(dir: string): Promise<ServerState | undefined> {
  let text: string;
  try {
    text = await readFile(path.join(dir, "server.json"), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    const parsed = serverState.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    // A damaged file is as good as none: the next server writes it anew.
    return undefined;
  }
}
