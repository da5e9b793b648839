import { readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

import { z } from "zod";

import { processExists } from "@/server/clickhouse/embedded/holder";

const consoleFile = z.object({
  pid: z.number().int(),
  port: z.number().int(),
  url: z.string(),
  startedAt: z.string(),
});

/** The console that serves a data directory, as it wrote itself down there. */
export type RunningConsole = z.output<typeof consoleFile>;

function fileIn(dataDir: string): string {
  return path.join(dataDir, "console.json");
}

/** The name a process goes by, where the system tells; a dead console's process id may be somebody else's today. */
async function isOurProgram(pid: number): Promise<boolean> {
  try {
    const line = await readFile(`/proc/${pid}/cmdline`, "utf8");
    return /avesa|start\.mjs|main\.ts/.test(line);
  } catch {
    // No such file system (macOS), or not ours to look at: the process id has to do.
    return true;
  }
}

/** The console that serves a data directory; undefined where none runs. */
export async function findConsole(dataDir: string): Promise<RunningConsole | undefined> {
  let text: string;
  try {
    text = await readFile(fileIn(dataDir), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  let found;
  try {
    found = consoleFile.safeParse(JSON.parse(text));
  } catch {
    return undefined;
  }
  if (!found.success || found.data.pid === process.pid) return undefined;
  return processExists(found.data.pid) && (await isOurProgram(found.data.pid))
    ? found.data
    : undefined;
}

/** Writes down that this process serves a data directory. */
export async function writeConsole(dataDir: string, running: RunningConsole): Promise<void> {
  const draft = `${fileIn(dataDir)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, fileIn(dataDir));
}

/** Takes back what {@link writeConsole} wrote. */
export async function removeConsole(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true });
}
