import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

import { inject } from "vitest";
import { z } from "zod";

import { type Random, seededRandom } from "@/server/demo/random";
import { type RunMode, findRun, findRuns } from "@/server/runs/run-store";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";
import { startRun } from "@/server/runs/start-run";

import type { Moment } from "./at-moment";
import type { HistoryRow, LoadBench } from "./load";

/** What the child process is told. */
export interface ChildRun {
  readonly dataDir: string;
  readonly database: string;
  readonly storeDir: string;
  readonly runId: string;
  /** When to send itself the signal; never, where absent. */
  readonly moment?: Moment | undefined;
  readonly signal: "SIGKILL" | "SIGSTOP";
}

/** Carries a run out in a process of its own, on the ClickHouse of the test run. */
export function runInProcess(
  bench: LoadBench,
  runId: string,
  moment?: Moment,
  signal: ChildRun["signal"] = "SIGKILL",
): ChildProcess {
  const told: ChildRun = {
    dataDir: inject("dataDir"),
    database: bench.db.database,
    storeDir: bench.storeDir,
    runId,
    moment,
    signal,
  };
  return spawn(
    process.execPath,
    [
      "--conditions=react-server",
      "--import",
      "tsx",
      "test/support/run-in-process.ts",
      JSON.stringify(told),
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
}

/** What the process said and how it ended. */
export async function endOf(
  child: ChildProcess,
): Promise<{ said: string; signal: NodeJS.Signals | null }> {
  if (child.stdout === null) throw new Error("The child has no standard output.");
  const [said, [, signal]] = await Promise.all([
    text(child.stdout),
    once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { said: said.trim(), signal };
}

/** Staging tables and leases in the database; none where nobody is at work. */
export async function leftovers(bench: LoadBench): Promise<string[]> {
  const tables = await bench.db.rows(
    {
      name: "test.leftovers",
      sql: "SELECT name FROM system.tables WHERE database = currentDatabase() AND match(name, '^(staging|lease)_') ORDER BY name",
    },
    z.object({ name: z.string() }),
  );
  return tables.map((table) => table.name);
}

const TABLE = "tickets";
const HOUR_MS = 3_600_000;
const FIRST_STAMP = Date.UTC(2024, 6, 1);
const ENTITIES = 25;

/**
 * Two tenants that get the same objects. One of them is disturbed: it must come to the same history, ledger and dead
 * letters as the other.
 */
export class Twins {
  readonly #random: Random;
  #landings = 0;

  private constructor(
    private readonly bench: LoadBench,
    readonly disturbed: string,
    readonly calm: string,
    seed: number,
  ) {
    this.#random = seededRandom(seed);
  }

  static async of(bench: LoadBench, seed: number): Promise<Twins> {
    const twins = new Twins(bench, await bench.tenant("hit"), await bench.tenant("calm"), seed);
    await twins.land();
    for (const tenantId of [twins.disturbed, twins.calm]) await bench.load(tenantId, TABLE);
    return twins;
  }

  /** New objects: late and repeated states, deletions, a bad row; every third time, or when asked for, a full extract. */
  async land(rows = 40, withExtract = false): Promise<void> {
    const at = new Date(FIRST_STAMP + this.#landings++ * HOUR_MS);
    const stamp = at.toISOString().replaceAll(/[-:]|\.000/g, "");
    const changes = Array.from({ length: rows }, () => this.#record());
    await this.#landBoth(`changes-${stamp}-1.ndjson`, [...changes, { ticket_id: "T1" }]);
    await this.#landBoth(`changes-${stamp}-2.ndjson`, [this.#record(), changes[0] ?? {}]);
    if (this.#landings % 3 !== 0 && !withExtract) return;
    const listed = Array.from({ length: 15 }, () => ({ ...this.#record(), _deleted: false }));
    await this.#landBoth(`full/${stamp}/part-1.ndjson`, listed);
    await this.#landBoth(`full/${stamp}/_SUCCESS`, "");
  }

  #record(): Record<string, unknown> {
    const random = this.#random;
    const minutes = random.int(0, 180 * 24 * 60);
    return {
      ticket_id: `T${random.int(1, ENTITIES)}`,
      status: `state ${random.int(1, 4)}`,
      summary: random.chance(0.5) ? "as it was" : `seen at ${minutes}`,
      last_updated: new Date(Date.UTC(2024, 0, 1) + minutes * 60_000).toISOString(),
      ...(random.chance(0.08) ? { _deleted: true } : {}),
    };
  }

  async #landBoth(name: string, content: string | readonly object[]): Promise<void> {
    for (const tenantId of [this.disturbed, this.calm]) {
      await this.bench.land(tenantId, TABLE, name, content);
    }
  }

  /** Puts a run of the disturbed one into the queue. */
  async begin(mode: RunMode): Promise<string> {
    const { runId } = await startRun(this.bench.db, {
      tenantId: this.disturbed,
      mode,
      tables: [TABLE],
      trigger: "cli",
      requestedBy: "test",
      planRule: mode === "bulk" ? "never" : "when_due",
    });
    return runId;
  }

  /** Loads the calm one in the same way, and says what has become of both; the two must be equal. */
  async outcomes(mode: RunMode, runId: string): Promise<{ disturbed: Outcome; calm: Outcome }> {
    const undisturbed = await this.bench.load(this.calm, TABLE, mode);
    return {
      disturbed: await this.#outcome(this.disturbed, runId),
      calm: await this.#outcome(this.calm, undisturbed.run_id),
    };
  }

  async #outcome(tenantId: string, runId: string): Promise<Outcome> {
    const { bench } = this;
    const { run_id: _run, seconds: _seconds, ...ledger } = await summarizeRun(bench.db, runId);
    const unfinished = await findRuns(bench.db, OPEN, tenantId);
    const letters = await bench.deadLetters(tenantId);
    return {
      ledger,
      error: (await findRun(bench.db, runId))?.error ?? "",
      unfinished: unfinished.length,
      complaints: await bench.complaints(tenantId, TABLE),
      deadLetters: letters.map((letter) => ({
        ...letter,
        object_key: letter.object_key.slice(tenantId.length),
      })),
      history: await bench.history(tenantId, TABLE),
    };
  }
}

const OPEN = ["queued", "running", "retrying", "stalled"];

/** What a run has come to. */
export interface Outcome {
  readonly ledger: Omit<RunSummary, "run_id" | "seconds">;
  readonly error: string;
  /** Runs of the tenant that have not ended. */
  readonly unfinished: number;
  readonly complaints: readonly unknown[];
  readonly deadLetters: readonly object[];
  readonly history: readonly HistoryRow[];
}

/** Of a run that is as it should be. */
export const GREEN = {
  ledger: { status: "succeeded" },
  error: "",
  unfinished: 0,
  complaints: [],
} as const;

/** The boundaries of a run's steps, by the statement that comes next. */
export function boundaries(mode: RunMode): readonly (readonly [string, Moment])[] {
  const before = (statement: string, nth = 1): Moment => ({ statement, nth, when: "before" });
  return [
    ["before it looks for a plan", before("plans.of-run")],
    ["before it stages", before("scd2.stage.create")],
    ["before it audits", before("scd2.stage.objects")],
    ["before its dead letters", before("scd2.audit.dead-letters")],
    ["before it merges", before("scd2.delta.create")],
    ["before it publishes", before("scd2.state.unsettle")],
    ["between log and history", before(`scd2.publish.${mode}`, 2)],
    ["before its ledger", before("insert.batches")],
    ["in the middle of its ledger", before("insert.objects")],
    ["between its objects and its extracts", before("insert.extracts")],
    ["before it verifies", before("scd2.invariants")],
    ["before it says what is true", before("scd2.state.write")],
    ["before it gives its lease back", before("lease.release")],
    ["before it ends", before("insert.runs", 2)],
  ];
}

/** Statements that a run is met in the middle of. */
export const STATEMENTS: readonly Moment[] = [
  { statement: "scd2.stage.insert", when: "during" },
  { statement: "scd2.derive", when: "during" },
  { statement: "scd2.merge.rows", when: "during" },
];
