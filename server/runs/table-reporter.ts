import { z } from "zod";

import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { gathered } from "@/server/clickhouse/gathered";
import { log } from "@/server/log";
import { addCounts, type RowCounts } from "@/server/scd2/count";
import type { Step } from "@/lib/status";
import type { Reporter, TableProgress } from "@/server/scd2/reporter";

import type { Journal } from "./journal";
import { type RunTable, writeEvent, writeStep, writeTable } from "./run-store";

const WATCH_MS = 700;

/** Writes what happens to a run's table into the operational tables. */
export class TableReporter implements Reporter {
  #table: RunTable;
  #reading: { queryId: string; before: number; since: number } | undefined;
  #watch: NodeJS.Timeout;
  #isWatching = false;
  readonly #startedAt = performance.now();

  /**
   * @param table the row to keep up to date
   * @param earlier what batches of earlier calls of this run have counted
   */
  constructor(
    private readonly db: Db,
    private readonly journal: Journal,
    table: RunTable,
    private readonly earlier: RowCounts,
    private readonly guard: () => Promise<void>,
  ) {
    this.#table = table;
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
  }

  get table(): RunTable {
    return this.#table;
  }

  async step<T>(step: Step, batch: number, work: () => Promise<T>): Promise<T> {
    const started_at = new Date().toISOString();
    const row = {
      run_id: this.#table.run_id,
      tenant_id: this.#table.tenant_id,
      table_name: this.#table.table_name,
      attempt: this.#table.attempt,
      batch,
      step,
      started_at,
    };
    this.update({ status: "running", step });
    writeStep(this.journal, { ...row, status: "running", finished_at: null, error: "" });
    const finish = (status: "succeeded" | "failed", error: string): void =>
      writeStep(this.journal, { ...row, status, finished_at: new Date().toISOString(), error });
    try {
      const result = await work();
      finish("succeeded", "");
      return result;
    } catch (error) {
      finish("failed", error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      this.#reading = undefined;
    }
  }

  progress(progress: TableProgress): void {
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.update({
      objects_total: progress.objectsTotal,
      objects_done: progress.objectsDone,
      bytes_total: progress.bytesTotal,
      bytes_done: progress.bytesDone,
      rows_total: Math.max(progress.rowsTotal, progress.rowsDone) + this.earlier.read,
      rows_done: progress.rowsDone + this.earlier.read,
      rows_per_second: progress.rowsDone / Math.max(seconds, 0.001),
      ...addCounts(progress.counts, this.earlier),
    });
  }

  reading(queryId: string, progress: TableProgress): void {
    this.#reading = {
      queryId,
      before: progress.rowsDone + this.earlier.read,
      since: performance.now(),
    };
  }

  event(level: "info" | "warn" | "error", event: string, message: string, detail?: object): void {
    const { run_id, tenant_id, table_name } = this.#table;
    writeEvent(this.journal, { run_id, tenant_id, table_name, level, event, message, detail });
  }

  async mayPublish(): Promise<void> {
    await this.guard();
  }

  update(change: Partial<RunTable>): void {
    this.#table = { ...this.#table, ...change };
    writeTable(this.journal, this.#table);
  }

  close(): void {
    clearInterval(this.#watch);
  }

  /** How far the statement at work has read, so that a long one does not look stuck. */
  #look(): void {
    const reading = this.#reading;
    if (reading === undefined || this.#isWatching) return;
    if (performance.now() - reading.since < WATCH_MS) return;
    this.#isWatching = true;
    this.#lookAt(reading)
      .catch((error: unknown) => log().debug({ error }, "could not look at a statement's progress"))
      .finally(() => {
        this.#isWatching = false;
      });
  }

  async #lookAt(reading: { queryId: string; before: number }): Promise<void> {
    const readRows = await findReadRows(this.db, reading.queryId);
    if (readRows === undefined || this.#reading !== reading) return;
    const rows_done = reading.before + readRows;
    const seconds = (performance.now() - this.#startedAt) / 1000;
    this.update({
      rows_done,
      rows_total: Math.max(this.#table.rows_total, rows_done),
      rows_per_second: readRows / seconds,
    });
  }
}

/** Rows that a statement has read so far; undefined where it is not at work. */
const findReadRows = gathered<string, number | undefined>(async (db, queryIds) => {
  const rows = await db.rows(
    {
      name: "runs.statement-progress",
      params: { query_ids: queryIds },
      sql: "SELECT query_id, read_rows FROM system.processes WHERE query_id IN {query_ids:Array(String)}",
    },
    z.object({ query_id: z.string(), read_rows: zCount }),
  );
  const byId = new Map(rows.map((row) => [row.query_id, row.read_rows]));
  return queryIds.map((queryId) => byId.get(queryId));
});
