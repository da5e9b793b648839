import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.resolve(import.meta.dirname, "..", "..", "..");

/** A command of `avesa` in a process of its own, which may be killed; all it says goes into a file. */
export class Program {
  readonly startedAt = Date.now();
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  /**
   * @param file where its standard error goes; standard output goes beside it, under `.out`
   * @param env above this process's environment; an empty value counts as not set
   */
  constructor(
    readonly args: readonly string[],
    private readonly file: string,
    env: Readonly<Record<string, string>>,
  ) {
    const out = openSync(`${file}.out`, "a");
    const err = openSync(file, "a");
    this.#child = spawn(process.execPath, ["scripts/avesa.mjs", ...args], {
      cwd: root,
      stdio: ["ignore", out, err],
      env: { ...process.env, ...env },
    });
    closeSync(out);
    closeSync(err);
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.once("error", () => resolve());
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return (
      this.#child.pid !== undefined &&
      this.#child.exitCode === null &&
      this.#child.signalCode === null
    );
  }

  /** Its exit code; null while it lives, and where a signal ended it. */
  get exitCode(): number | null {
    return this.#child.exitCode;
  }

  /** What it printed on its standard output. */
  get printed(): string {
    return readFileSync(`${this.file}.out`, "utf8");
  }

  /** The end of what it said on its standard error. */
  get said(): string {
    return readFileSync(this.file, "utf8").slice(-4_000);
  }

  /** Whether it has said something on its standard error. */
  hasSaid(words: string): boolean {
    return readFileSync(this.file, "utf8").includes(words);
  }

  /** Sends a signal and waits for the end. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    this.#child.kill(signal);
    await this.#ended;
  }

  async ended(): Promise<void> {
    await this.#ended;
  }
}
