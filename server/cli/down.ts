import { setTimeout as delay } from "node:timers/promises";

import { processExists, serverHolders } from "@/server/clickhouse/embedded/holder";
import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";
import { env } from "@/server/env";
import { AppError } from "@/server/errors";

import { findConsole } from "./console-file";
import { defineVerb } from "./verb";

const LIMIT_MS = 60_000;

export const verb = defineVerb({
  name: "down",
  summary: "Stop the console of a data directory, and its ClickHouse",
  flags: {},
  async run({ say, signal }) {
    const { DATA_DIR } = env();
    const running = await findConsole(DATA_DIR);
    if (running === undefined) {
      say("No console serves this data directory.");
    } else {
      process.kill(running.pid, "SIGTERM");
      const deadline = Date.now() + LIMIT_MS;
      while (processExists(running.pid)) {
        if (signal.aborted) return 130;
        if (Date.now() > deadline) {
          throw new AppError(
            "timeout",
            `The console (process ${running.pid}) has not ended within ${LIMIT_MS / 1000} s.`,
          );
        }
        await delay(50);
      }
      say("The console has ended.");
    }

    const dir = serverDir(DATA_DIR);
    const deadline = Date.now() + LIMIT_MS;
    for (;;) {
      const holders = await serverHolders(dir);
      if (holders !== undefined && holders.length > 0) {
        say(
          `ClickHouse stays up for ${holders.map((one) => `${one.program} (process ${one.pid})`).join(", ")}.`,
        );
        return 0;
      }
      const server = await readServerState(dir);
      if (server === undefined || !processExists(server.pid) || Date.now() > deadline) return 0;
      await delay(50);
    }
  },
});
