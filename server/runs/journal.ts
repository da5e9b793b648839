import type { Db } from "@/server/clickhouse/client";
import { ClickHouseError } from "@/server/clickhouse/error";
import { insertTogether } from "@/server/clickhouse/insert-together";
import { log } from "@/server/log";

import { LeaseLostError } from "./lease";
import { nextVersion } from "./version";

/** Seen within a second, and all runs of a process write at the same moments: what they say of one table is one insert then. */
const FLUSH_MS = 900;
const RETRY_MS = 500;

type Row = Record<string, unknown>;

/** Of these tables what was said last is kept, for who carries the run out. */
const KEPT = new Set(["run_tables"]);

/** ms until the next of the moments at which all write. */
function untilNext(): number {
  return FLUSH_MS - (Date.now() % FLUSH_MS);
}

/**
 * Gathers what a run has to say of itself and writes it about once a second, one insert a table. A row that replaces
 * an earlier one (same `identity`) that is still waiting takes its place. While the database cannot be reached the rows
 * wait and are tried again; `flush` writes what there is, now.
 */
export class Journal {
  readonly #waiting = new Map<string, Map<string, Row>>();
  readonly #latest = new Map<string, Row>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  /**
   * @param assertHeld throws LeaseLostError where another process carries the run out by now; then nothing is written
   */
  constructor(
    private readonly db: Db,
    private readonly assertHeld: () => Promise<void>,
  ) {}

  /**
   * @param table an operational table with a `version` or `sequence` column, which is filled in here
   * @param identity what of the row makes it the same row as an earlier one
   */
  write(table: string, identity: string, row: Row): void {
    if (KEPT.has(table)) this.#latest.set(identity, row);
    const rows = this.#waiting.get(table) ?? new Map<string, Row>();
    // Deleted first, so that a replaced row moves to the end.
    rows.delete(identity);
    rows.set(identity, row);
    this.#waiting.set(table, rows);
    this.#flushSoon(untilNext());
  }

  /** What was last written here of each of the run's tables, by name, stored by now or not. */
  get tables(): ReadonlyMap<string, Readonly<Record<string, unknown>>> {
    return this.#latest;
  }

  #flushSoon(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.flush().catch((error: unknown) => {
        log().warn({ error }, "the journal waits for the database");
        // Nobody may write for a long while; what is known by now is to be seen as soon as it can be.
        if (this.#waiting.size > 0) this.#flushSoon(RETRY_MS);
      });
    }, ms);
    // A journal that waits for a database that is gone must not keep the process alive.
    this.#timer.unref();
  }

  /** @throws ClickHouseError where the rows could not be written; they are kept. LeaseLostError: they are not. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const before = this.#flushing.catch(() => undefined);
    this.#flushing = before.then(() => this.#writeAll());
    await this.#flushing;
  }

  async #writeAll(): Promise<void> {
    if (this.#waiting.size === 0) return;
    try {
      await this.assertHeld();
    } catch (error) {
      if (error instanceof LeaseLostError) this.#waiting.clear();
      throw error;
    }
    const taken = [...this.#waiting];
    this.#waiting.clear();
    const ends = await Promise.allSettled(
      taken.map(async ([table, rows]) => this.#store(table, rows)),
    );
    const failures = ends.flatMap((end) =>
      end.status === "rejected" ? [end.reason as unknown] : [],
    );
    if (failures.length === 0) return;
    if (!failures.some(isDiskFull)) throw failures[0];
    // Each insert reserves some room: on a disk that is nearly full they fit one after another, if at all.
    const left = Array.from(this.#waiting.keys());
    for (const table of left) {
      const rows = this.#waiting.get(table);
      this.#waiting.delete(table);
      if (rows !== undefined) await this.#store(table, rows);
    }
  }

  /** @throws ClickHouseError where the rows could not be written; they wait again. */
  async #store(table: string, rows: Map<string, Row>): Promise<void> {
    try {
      await insertTogether(this.db, table, [...rows.values()]);
    } catch (error) {
      const newer = this.#waiting.get(table) ?? new Map<string, Row>();
      this.#waiting.set(table, new Map([...rows, ...newer]));
      throw error;
    }
  }
}

function isDiskFull(error: unknown): boolean {
  return error instanceof ClickHouseError && error.type === "NOT_ENOUGH_SPACE";
}

/** A row with its version: later rows of this process are greater. */
export function versioned<T extends object>(row: T): T & { version: string } {
  return { ...row, version: nextVersion() };
}
