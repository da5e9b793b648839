import "server-only";
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { mkdir, open, readFile, rm, stat, truncate } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { z } from "zod";

import { type ServerState, readServerState } from "./state";

const ATTACH_LIMIT_MS = 90_000;
const EXIT_LIMIT_MS = 30_000;
const CONTROL_LIMIT_MS = 3_000;
const STARTING_STALE_MS = 70_000;
const LOG_LIMIT_BYTES = 1_000_000;
const PASSED_ON = /^(PATH|HOME|TMPDIR|LANG|LC_.*|SSL_CERT_.*|AWS_.*)$/;

/** The embedded server cannot be had; the message is fit for an operator. */
export class EmbeddedServerError extends Error {
  constructor(
    /** platform: no engine for this machine. busy: another program has the data directory. engine: it does not start. */
    readonly kind: "platform" | "busy" | "engine",
    message: string,
  ) {
    super(message);
    this.name = "EmbeddedServerError";
  }
}

export interface HoldOptions {
  /** The server's folder, see `serverDir`. */
  dir: string;
  /** Project root: where the server's program is found. */
  root: string;
  /** Who holds, for people who ask what keeps the server up: "console", "avesa load", … */
  program: string;
  maxMemoryBytes: number;
}

export type ServerStatus =
  | { state: "ready"; restarts: number }
  | { state: "restarting"; restarts: number; since: Date; lastError: string | undefined }
  | { state: "closed"; restarts: number };

/**
 * A hold on the embedded server of a data directory. While any process holds, the server runs; when the last one lets
 * go or dies, it stops. If it dies itself, every holder starts it or finds it started by another.
 */
export interface HeldServer {
  /** Where the server is now; a restart can change port and process, never the accounts. */
  readonly current: ServerState;
  readonly status: ServerStatus;
  /** Resolves when the server is there; during a restart that is after it. */
  ready(): Promise<void>;
  /** Calls the listener after each change of status; returns how to stop that. */
  onStatus(listener: (status: ServerStatus) => void): () => void;
  /** Lets go. With `waitForExit` it returns when the server has left or others hold it on. */
  close(options?: { waitForExit?: boolean }): Promise<void>;
}

const reply = z.object({
  ok: z.boolean(),
  serverId: z.string().optional(),
  reason: z.string().optional(),
  holders: z.array(z.object({ pid: z.number(), program: z.string() })).optional(),
});

interface Call {
  socket: net.Socket;
  reply: z.output<typeof reply>;
}

/** Says one thing to the server; undefined where nobody (or somebody else) listens. */
async function call(
  state: ServerState,
  op: "hold" | "status",
  program: string,
): Promise<Call | undefined> {
  return new Promise((resolve) => {
    const socket = net.connect({ host: state.host, port: state.controlPort });
    let text = "";
    const giveUp = (): void => {
      socket.destroy();
      resolve(undefined);
    };
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("utf8");
      const end = text.indexOf("\n");
      if (end < 0) return;
      socket.off("data", onData).off("error", giveUp).off("close", giveUp);
      socket.setTimeout(0);
      socket.removeAllListeners("timeout");
      try {
        resolve({ socket, reply: reply.parse(JSON.parse(text.slice(0, end))) });
      } catch {
        giveUp();
      }
    };
    socket.setTimeout(CONTROL_LIMIT_MS, giveUp);
    socket.on("error", giveUp).on("close", giveUp).on("data", onData);
    socket.once("connect", () => {
      socket.write(`${JSON.stringify({ token: state.token, op, pid: process.pid, program })}\n`);
    });
  });
}

/** Who holds the server of a folder; undefined where none runs. */
export async function serverHolders(
  dir: string,
): Promise<readonly { pid: number; program: string }[] | undefined> {
  const state = await readServerState(dir);
  if (state === undefined) return undefined;
  const answer = await call(state, "status", "status");
  answer?.socket.destroy();
  return answer?.reply.ok === true ? answer.reply.holders : undefined;
}

async function tryHold(state: ServerState, program: string): Promise<net.Socket | undefined> {
  const answer = await call(state, "hold", program);
  if (answer === undefined) return undefined;
  if (answer.reply.ok && answer.reply.serverId === state.serverId) return answer.socket;
  answer.socket.destroy();
  return undefined;
}

/** True where a process of that id exists, whoever owns it. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * Marks that this process is about to start the server, so that others wait instead of loading the engine in vain.
 * Advice only: what keeps two servers off one directory is the engine's own lock, which the kernel takes back from the dead.
 */
async function announceStart(file: string): Promise<boolean> {
  try {
    const handle = await open(file, "wx", 0o600);
    await handle.writeFile(String(process.pid));
    await handle.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  try {
    const [text, info] = await Promise.all([readFile(file, "utf8"), stat(file)]);
    const age = Date.now() - info.mtimeMs;
    const pid = Number(text);
    const stale = age > STARTING_STALE_MS || (text === "" ? age > 2_000 : !processExists(pid));
    if (stale) await rm(file, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return false;
}

const startReport = z.union([
  z.object({ ready: z.literal(true) }),
  z.object({ failed: z.enum(["platform", "locked", "port", "engine"]), message: z.string() }),
]);

type StartReport = z.output<typeof startReport>;

function serverEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => PASSED_ON.test(name));
  return { ...Object.fromEntries(kept), TZ: "UTC", NODE_ENV: "production" };
}

async function keepLogShort(file: string): Promise<void> {
  try {
    if ((await stat(file)).size > LOG_LIMIT_BYTES) await truncate(file, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

async function readReport(child: ChildProcess): Promise<StartReport> {
  const pipe = child.stdio[3];
  let text = "";
  if (pipe instanceof net.Socket) {
    for await (const chunk of pipe) text += String(chunk);
  }
  const parsed = text === "" ? undefined : startReport.safeParse(JSON.parse(text));
  if (parsed?.success === true) return parsed.data;
  return {
    failed: "engine",
    message: `The server's process ended at once (exit code ${child.exitCode ?? "unknown"}).`,
  };
}

async function startServer(options: HoldOptions): Promise<StartReport> {
  const logFile = path.join(options.dir, "child.log");
  await keepLogShort(logFile);
  const program = path.join(options.root, "server", "clickhouse", "embedded", "child.mjs");
  const output = openSync(logFile, "a", 0o600);
  try {
    const settings = { dir: options.dir, maxMemoryBytes: options.maxMemoryBytes };
    const child = spawn(process.execPath, [program, JSON.stringify(settings)], {
      cwd: options.dir,
      // It outlives this process while others hold it, and a Ctrl-C on this terminal is not for it.
      detached: true,
      stdio: ["ignore", output, output, "pipe"],
      env: serverEnvironment(),
    });
    child.unref();
    const failedToSpawn = new Promise<never>((_, reject) => child.once("error", reject));
    return await Promise.race([readReport(child), failedToSpawn]);
  } finally {
    closeSync(output);
  }
}

async function ownerOf(dir: string): Promise<string> {
  try {
    const status = await readFile(path.join(dir, "data", "status"), "utf8");
    const pid = /PID: (\d+)/.exec(status)?.[1];
    return pid === undefined ? "another program" : `process ${pid}`;
  } catch {
    return "another program";
  }
}

interface Attachment {
  state: ServerState;
  socket: net.Socket;
}

/** Finds the server of a folder or starts it, and takes a hold on it. */
async function attach(options: HoldOptions): Promise<Attachment> {
  await mkdir(options.dir, { recursive: true, mode: 0o700 });
  const announcement = path.join(options.dir, "starting");
  const deadline = Date.now() + ATTACH_LIMIT_MS;
  let portFailures = 0;
  for (;;) {
    const state = await readServerState(options.dir);
    const socket = state === undefined ? undefined : await tryHold(state, options.program);
    if (state !== undefined && socket !== undefined) return { state, socket };
    if (Date.now() > deadline) {
      throw new EmbeddedServerError(
        "busy",
        `The data directory ${options.dir} is in use by ${await ownerOf(options.dir)}, which does not answer. ` +
          "Stop it, or use another data directory (DATA_DIR or --data).",
      );
    }
    if (!(await announceStart(announcement))) {
      await delay(25);
      continue;
    }
    let report: StartReport;
    try {
      report = await startServer(options);
    } finally {
      await rm(announcement, { force: true });
    }
    if ("ready" in report) continue;
    if (report.failed === "platform") throw new EmbeddedServerError("platform", report.message);
    if (report.failed === "port") portFailures += 1;
    if (report.failed === "engine" || portFailures > 3) {
      throw new EmbeddedServerError(
        "engine",
        `The embedded ClickHouse does not start. ${report.message}\nIts log: ${path.join(options.dir, "child.log")}`,
      );
    }
    await delay(100);
  }
}

/**
 * Takes a hold on the embedded server of a folder; starts it where it does not run.
 *
 * @throws EmbeddedServerError where it cannot be had
 */
export async function holdServer(options: HoldOptions): Promise<HeldServer> {
  const listeners = new Set<(status: ServerStatus) => void>();
  let status: ServerStatus = { state: "ready", restarts: 0 };
  let closed = false;
  let attachment = await attach(options);
  let restart: Promise<void> | undefined;

  const setStatus = (next: ServerStatus): void => {
    status = next;
    for (const listener of listeners) listener(next);
  };

  const isClosed = (): boolean => closed;

  const restartServer = async (): Promise<void> => {
    const since = new Date();
    const { restarts } = status;
    setStatus({ state: "restarting", restarts, since, lastError: undefined });
    for (let attempt = 0; !isClosed(); attempt += 1) {
      try {
        const next = await attach(options);
        attachment = next;
        if (isClosed()) {
          next.socket.destroy();
          return;
        }
        watch(next.socket);
        setStatus({ state: "ready", restarts: restarts + 1 });
        return;
      } catch (error) {
        const lastError = error instanceof Error ? error.message : String(error);
        setStatus({ state: "restarting", restarts, since, lastError });
        await delay(Math.min(5_000, 100 * 2 ** attempt));
      }
    }
  };

  const watch = (socket: net.Socket): void => {
    // Nothing more is said on this line; that it is open is what counts, and it keeps no process from ending.
    socket.unref();
    socket.resume();
    socket.on("error", () => socket.destroy());
    socket.once("close", () => {
      if (closed || socket !== attachment.socket) return;
      restart = restartServer().finally(() => (restart = undefined));
    });
  };
  watch(attachment.socket);

  return {
    get current() {
      return attachment.state;
    },
    get status() {
      return status;
    },
    async ready() {
      await restart;
    },
    onStatus(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close({ waitForExit = false } = {}) {
      if (closed) return;
      closed = true;
      attachment.socket.destroy();
      await restart;
      const { state } = attachment;
      setStatus({ state: "closed", restarts: status.restarts });
      if (!waitForExit) return;
      const letGo = Date.now();
      while (processExists(state.pid) && Date.now() - letGo < EXIT_LIMIT_MS) {
        await delay(50);
        // At first the server may not have heard that this hold is gone.
        if (Date.now() - letGo < 300) continue;
        const holders = await serverHolders(options.dir);
        if (holders !== undefined && holders.length > 0) return;
      }
    },
  };
}
