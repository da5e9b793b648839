import { type ChildProcess, spawn } from "node:child_process";
import net from "node:net";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { setTimeout as delay } from "node:timers/promises";

import { childEnv, env } from "@/server/env";
import { AppError } from "@/server/errors";

const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 10_000;
/** A web server that ran at least this long was well; its end is an accident, not a failure to start. */
const HEALTHY_MS = 20_000;
const MAX_FAILED_STARTS = 5;

export interface WebServer {
  /** Settles when the server is given up: it ended again and again right after its start. */
  readonly givenUp: Promise<void>;
  stop(): Promise<void>;
}

/** Addresses that stand for all of the machine's. */
const UNSPECIFIED = ["0.0.0.0", "::"];
/** Both are `localhost`: a browser may try either first, and must not find another program there. */
const LOOPBACKS = ["127.0.0.1", "::1"];

/**
 * @param host the address to listen on
 * @throws AppError `conflict` where another program listens on the port
 */
export async function requireFreePort(port: number, host: string): Promise<void> {
  for (const address of isLoopback(host) ? LOOPBACKS : [host]) await requireFree(port, address);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || LOOPBACKS.includes(host);
}

async function requireFree(port: number, address: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      // A machine without IPv6 has no ::1, so nobody listens there.
      if (error.code === "EADDRNOTAVAIL" && address === "::1") {
        resolve();
        return;
      }
      const reason =
        error.code === "EADDRINUSE"
          ? `Port ${port} is in use by another program.`
          : `Port ${port} of ${address} cannot be used (${error.code ?? error.message}).`;
      reject(new AppError("conflict", `${reason} Choose another one with PORT or --port.`));
    });
    probe.listen({ port, host: address, ipv6Only: net.isIPv6(address) }, () =>
      probe.close(() => resolve()),
    );
  });
}

/**
 * Room for what a request leaves behind, so that it is thrown away at once and not moved about first: with Node's 16 MB a
 * busy console spends an eighth of its time on that.
 */
const YOUNG_MB = 64;

function launch(): ChildProcess {
  const { AVESA_ROOT: root, DATA_DIR, CANONICAL_STORE, HOST, PORT } = env();
  const preload = pathToFileURL(path.join(root, "scripts", "support", "end-with-parent.mjs")).href;
  const next = path.join(root, "node_modules", "next", "dist", "bin", "next");
  const nodeFlags = [`--max-semi-space-size=${YOUNG_MB}`, "--import", preload];
  const flags = ["--hostname", HOST, "--port", String(PORT)];
  return spawn(process.execPath, [...nodeFlags, next, "start", ...flags], {
    cwd: root,
    // The channel is what tells it that this process is gone. Its greeting is left out: ours says where the console is.
    stdio: ["ignore", "ignore", 2, "ipc"],
    // A group of its own: Ctrl-C comes to this process, which ends everything in order.
    detached: true,
    env: childEnv({
      NODE_ENV: "production",
      NEXT_TELEMETRY_DISABLED: "1",
      AVESA_ROOT: root,
      DATA_DIR,
      CANONICAL_STORE,
      PORT: String(PORT),
      NEXTAUTH_URL: env().NEXTAUTH_URL,
    }) as NodeJS.ProcessEnv,
  });
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => void child.once("exit", () => resolve()));
}

/** The address that this machine reaches the console at, as it stands in a URL. */
function reachableHost(): string {
  const { HOST } = env();
  if (UNSPECIFIED.includes(HOST)) return "127.0.0.1";
  return HOST.includes(":") ? `[${HOST}]` : HOST;
}

/** Waits until it answers at all; whether ClickHouse is well is another question. */
async function untilAnswering(child: ChildProcess): Promise<boolean> {
  const url = `http://${reachableHost()}:${env().PORT}/api/healthz`;
  const deadline = Date.now() + READY_LIMIT_MS;
  while (Date.now() < deadline && child.exitCode === null && child.signalCode === null) {
    try {
      await fetch(url, { signal: AbortSignal.timeout(5_000) });
      return true;
    } catch {
      await delay(50);
    }
  }
  return false;
}

/**
 * Starts the console's web server and keeps it up: one that crashes is started again.
 *
 * @param say told what happens, in words for people
 * @returns when it answers
 * @throws AppError `internal` where it does not come up
 */
export async function startWebServer(say: (line: string) => void): Promise<WebServer> {
  let stopping = false;
  let child = launch();
  let giveUp = (): void => {};
  const givenUp = new Promise<void>((resolve) => (giveUp = resolve));

  const keepUp = async (): Promise<void> => {
    let failures = 0;
    let startedAt = Date.now();
    for (;;) {
      await ended(child);
      if (stopping) return;
      failures = Date.now() - startedAt > HEALTHY_MS ? 0 : failures + 1;
      if (failures >= MAX_FAILED_STARTS) {
        say("The web server ended again and again; giving up.");
        giveUp();
        return;
      }
      say("The web server ended unexpectedly; starting it again.");
      await delay(failures === 0 ? 0 : 500 * 2 ** failures);
      if (stopping) return;
      startedAt = Date.now();
      child = launch();
    }
  };

  const stop = async (): Promise<void> => {
    stopping = true;
    child.kill("SIGTERM");
    const killer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
    await ended(child);
    clearTimeout(killer);
  };

  if (!(await untilAnswering(child))) {
    await stop();
    throw new AppError("internal", "The web server does not come up; its messages are above.");
  }
  void keepUp();
  return { givenUp, stop };
}
