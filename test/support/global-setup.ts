import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import type { TestProject } from "vitest/node";

import { holdServer } from "@/server/clickhouse/embedded/holder";
import { serverDir } from "@/server/clickhouse/embedded/state";

declare module "vitest" {
  export interface ProvidedContext {
    /** The data directory whose embedded ClickHouse serves this test run. */
    dataDir: string;
  }
}

/** Starts the one ClickHouse of a test run on a directory of its own, and takes both away at the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(path.join(tmpdir(), "avesa-test-"));
  const server = await holdServer({
    dir: serverDir(dataDir),
    root: process.cwd(),
    program: "tests",
    maxMemoryBytes: 6 * 1024 ** 3,
  });
  project.provide("dataDir", dataDir);
  return async () => {
    await server.close({ waitForExit: true });
    await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
  };
}
