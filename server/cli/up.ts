import { openCanonicalStore } from "@/server/canonical/open-store";
import { StoreError } from "@/server/canonical/store-error";
import { ensureFirstAdmin } from "@/server/auth/first-admin";
import { env, overrideEnv } from "@/server/env";
import { AppError } from "@/server/errors";

import { findConsole, removeConsole, writeConsole } from "./console-file";
import { openForVerb } from "./open-for-verb";
import { prepareDemo } from "./prepare-demo";
import { startWork } from "./start-work";
import { type CliContext, UsageError, defineVerb } from "./verb";
import { requireFreePort, startWebServer } from "./web-server";

export const verb = defineVerb({
  name: "up",
  summary: "Start the console with all it needs and keep it up until Ctrl-C",
  description:
    "Starts ClickHouse (embedded, unless CLICKHOUSE_URL is set), brings its tables up to date, carries out runs, starts\n" +
    "increments and serves the console. It must have been built: npm start does that.",
  flags: {
    port: { type: "string", value: "N", help: "Port of the console (default: PORT, or 3000)" },
  },
  async run(context) {
    const { port } = context.flags;
    if (port !== undefined) {
      if (!/^\d{1,5}$/.test(port)) throw new UsageError("--port must be a number.");
      overrideEnv({ PORT: port });
    }
    const settings = env();
    const other = await findConsole(settings.DATA_DIR);
    if (other !== undefined) {
      throw new AppError(
        "conflict",
        `A console serves this data directory already: ${other.url} (process ${other.pid}). ` +
          "Stop it with: npm run --silent avesa -- down",
      );
    }
    await requireFreePort(settings.PORT, settings.HOST);
    return serve(context);
  },
});

async function serve(context: Pick<CliContext, "signal" | "say">): Promise<number> {
  const { signal, say } = context;
  const settings = env();
  const db = await openForVerb(context, "console");
  const stopTelling = db.connection.onStatus((status) => {
    if (status.state === "ready") say("ClickHouse is back.");
    else if (status.state === "restarting") {
      say(`ClickHouse has ended; starting it again. ${status.lastError ?? ""}`.trim());
    }
  });
  await tellOfStore(say);
  await prepareDemo(db, say);
  const admin = await ensureFirstAdmin(db);
  if (signal.aborted) return 130;

  const work = startWork(db);
  try {
    const web = await startWebServer(say);
    await writeConsole(settings.DATA_DIR, {
      pid: process.pid,
      port: settings.PORT,
      url: settings.NEXTAUTH_URL,
      startedAt: new Date().toISOString(),
    });
    try {
      if (admin !== null) {
        say(
          `\nFirst account (this password is shown once):\n  name      ${admin.username}\n  password  ${admin.password}\n`,
        );
      }
      say(`The console is at ${settings.NEXTAUTH_URL}\nCtrl-C stops it.`);
      const aborted = new Promise<"stopped">((resolve) => {
        if (signal.aborted) resolve("stopped");
        signal.addEventListener("abort", () => resolve("stopped"), { once: true });
      });
      const end = await Promise.race([aborted, web.givenUp.then(() => "given up" as const)]);
      if (end === "stopped") say("Stopping; batches at work may finish…");
      return end === "stopped" ? 0 : 1;
    } finally {
      await web.stop();
      await removeConsole(settings.DATA_DIR);
    }
  } finally {
    stopTelling();
    await work.stop();
    await db.close();
    await db.connection.close({ waitForExit: true });
  }
}

/**
 * Says what is wrong with the store. A console whose store cannot be read is of use all the same: what was loaded can be
 * looked at, and the store may come back.
 *
 * @throws StoreError where the settings name no store at all
 */
async function tellOfStore(say: (line: string) => void): Promise<void> {
  const store = openCanonicalStore();
  try {
    await store.check();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    say(`Nothing can be loaded now. ${error.message}`);
  }
}
