import { mkdirSync } from "node:fs";
import net from "node:net";
import path from "node:path";

import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";

import { findLeases } from "./database";
import { Program } from "./program";
import { within } from "./wait";

/** What may be killed. */
export type Victim = "console" | "load" | "clickhouse";

/** How long a process may take to come to work, or a dead one's port to be free. */
const LIMIT_MS = 60_000;

/** An installation of its own: a data directory, the console on it, loads beside it, and their ClickHouse. */
export class Installation {
  readonly storeDir: string;
  console: Program | undefined;
  loads: Program[] = [];
  /** Ends nobody asked for, in words. */
  readonly accidents: string[] = [];
  readonly #logDir: string;
  #serverKilledAt = 0;
  #programs = 0;

  constructor(
    readonly dataDir: string,
    readonly port: number,
  ) {
    this.storeDir = path.join(dataDir, "canonical");
    this.#logDir = path.join(dataDir, "said");
    mkdirSync(this.#logDir, { recursive: true });
    mkdirSync(this.storeDir, { recursive: true });
  }

  /** Starts a command on this installation. */
  run(...args: string[]): Program {
    const number = String((this.#programs += 1)).padStart(3, "0");
    return new Program(
      [...args, "--data", this.dataDir],
      path.join(this.#logDir, `${number}-${args[0] ?? ""}.log`),
      {
        AVESA_ADMIN_PASSWORD: "seven loud herons",
        AVESA_DEMO: "off",
        AVESA_SCHEDULES: "on",
        AVESA_LANDING: "watch",
        CANONICAL_STORE: "",
        CLICKHOUSE_URL: "",
        LOG_LEVEL: "warn",
        NEXTAUTH_URL: "",
        PORT: "",
      },
    );
  }

  /** Starts the console where it does not run; it need not be up when this returns. */
  async keepConsole(): Promise<void> {
    if (this.console?.isAlive === true) return;
    if (this.console !== undefined && this.console.exitCode !== null) this.#noteEnd(this.console);
    // The web server of a console that was killed ends by itself, or nobody could start another.
    if (!(await within(LIMIT_MS, () => isFree(this.port))))
      throw new Error(`The web server of a dead console still has port ${this.port}.`);
    this.console = this.run("up", "--port", String(this.port));
  }

  /** A console may not be able to start where ClickHouse dies meanwhile; one that was up has to live with that. */
  #noteEnd(program: Program): void {
    const wasUp = program.hasSaid("The console is at");
    if (!wasUp && this.#serverKilledAt > program.startedAt) return;
    this.accidents.push(
      `The console ended by itself with code ${String(program.exitCode)}, ` +
        `${wasUp ? "after" : "before"} it was up:\n${program.said}`,
    );
  }

  /** Whether the console answers and ClickHouse is well. */
  async isUp(): Promise<boolean> {
    if (this.console?.isAlive !== true) return false;
    try {
      const url = `http://127.0.0.1:${this.port}/api/healthz`;
      return (await fetch(url, { signal: AbortSignal.timeout(5_000) })).ok;
    } catch {
      // Not yet.
      return false;
    }
  }

  startLoad(tenantId: string, mode: "bulk" | "incremental"): void {
    this.loads = this.loads.filter((load) => load.isAlive);
    this.loads.push(this.run("load", "--tenant", tenantId, "--mode", mode, "--approve"));
  }

  /** Process ids that hold a run, or a table of one, and are alive. */
  async atWork(): Promise<Set<number>> {
    const leases = (await findLeases(this.dataDir)) ?? [];
    const alive = new Set(
      [this.console, ...this.loads].flatMap((one) => (one?.isAlive === true ? [one.pid] : [])),
    );
    return new Set(
      leases
        .filter(({ lease }) => /^(?:run|table):/.test(lease))
        .map(({ pid }) => pid)
        .filter((pid) => alive.has(pid)),
    );
  }

  /** Kills one of a kind, at work where there is such a one. Returns what it was, or undefined where nothing was there. */
  async kill(victim: Victim): Promise<string | undefined> {
    if (victim === "clickhouse") return this.#killServer();
    const busy = await this.atWork();
    const candidates = victim === "console" ? [this.console] : this.loads;
    const target =
      candidates.find((one) => one?.isAlive === true && busy.has(one.pid)) ??
      candidates.find((one) => one?.isAlive === true);
    if (target === undefined) return undefined;
    await target.end("SIGKILL");
    return `${target.args.slice(0, 5).join(" ")} (process ${target.pid})`;
  }

  async #killServer(): Promise<string | undefined> {
    const state = await readServerState(serverDir(this.dataDir));
    if (state === undefined) return undefined;
    try {
      process.kill(state.pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ESRCH") return undefined;
      throw error;
    }
    this.#serverKilledAt = Date.now();
    return `ClickHouse (process ${state.pid})`;
  }

  /** Whether ClickHouse has left, as it must when nobody holds it any more. */
  async isServerGone(): Promise<boolean> {
    const state = await readServerState(serverDir(this.dataDir));
    return within(LIMIT_MS, () => state === undefined || !exists(state.pid));
  }

  /** Ends whatever still runs. */
  async close(): Promise<void> {
    const alive = [this.console, ...this.loads].filter((one) => one?.isAlive === true);
    await Promise.all(alive.map(async (one) => one?.end("SIGKILL")));
  }
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

async function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, () => probe.close(() => resolve(true)));
  });
}
