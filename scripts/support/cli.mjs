import { register } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

import { root } from "./project.mjs";

/**
 * Runs the command line's TypeScript in this very process, so that a signal to it is a signal to the command.
 *
 * @param {readonly string[]} args
 */
export async function runCli(args) {
  process.env.AVESA_ROOT ??= root;
  if (process.env.npm_lifecycle_event !== undefined) endWithNpm();
  // Loaded here, for at import time the packages may not be installed yet.
  const { register: registerTypeScript } = await import("tsx/esm/api");
  registerTypeScript();
  register("./react-server-condition.mjs", import.meta.url);
  const { main } = await import(pathToFileURL(path.join(root, "server", "cli", "main.ts")).href);
  await main(args);
}

/** npm passes a SIGTERM on to its shell only; that the shell is gone is all that is heard of it here. */
function endWithNpm() {
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    process.kill(process.pid, "SIGTERM");
  }, 300);
  timer.unref();
}
