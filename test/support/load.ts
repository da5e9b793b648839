import path from "node:path";
import { text } from "node:stream/consumers";

import { z } from "zod";

import { type Catalog, type Entity, catalog, entityOf } from "@/lib/catalog";
import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { tablePrefix } from "@/server/canonical/object-key";
import type { Db } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";
import { executeRun } from "@/server/runs/execute-run";
import { stopHeartbeat } from "@/server/runs/lease";
import { type RunContext, runContext } from "@/server/runs/run-context";
import { type RunMode, findRun } from "@/server/runs/run-store";
import { type RunSummary, summarizeRun } from "@/server/runs/run-summary";
import { startRun } from "@/server/runs/start-run";
import { unbalancedRuns } from "@/server/runs/verify-ledgers";
import { exportHistory } from "@/server/scd2/export-history";
import { measureHistory } from "@/server/scd2/history-size";
import { checkInvariants } from "@/server/scd2/invariants";
import { readState } from "@/server/scd2/table-state";
import { registerTenant } from "@/server/tenants/register-tenant";

import { type TestDb, testDb, testTenant } from "./clickhouse";
import { type StoreFixture, type StoreKind, openStore } from "./store-fixture";

/** A version as `avesa export` writes it. */
export type HistoryRow = Record<string, unknown>;

const DeadLetter = z.object({
  table_name: z.string(),
  kind: z.string(),
  object_key: z.string(),
  source_row: zCount,
  entity_id: z.string(),
  raw: z.string(),
  errors: z.array(
    z.object({ field: z.string(), rule: z.string(), message: z.string(), value: z.string() }),
  ),
  cause: z.string(),
  attempts: z.number(),
  status: z.string(),
});
export type DeadLetter = z.infer<typeof DeadLetter>;

const RunEvent = z.object({ level: z.string(), event: z.string(), message: z.string() });

/** How a run ended: its summary line, and its reason where it is not green. */
export type LoadedRun = RunSummary & { error: string };

export interface LoadOptions {
  /** Default: the product's catalogue. */
  readonly entities?: Catalog;
  /** Default: a directory. */
  readonly kind?: StoreKind;
  /** A store that is open already; it is closed with the bench. */
  readonly objects?: StoreFixture;
  /** Puts something between the runs and the store. */
  readonly wrap?: (fixture: StoreFixture) => CanonicalStore;
  /** Default: a database of its own on the ClickHouse of the test run. */
  readonly clickHouse?: TestDb;
}

/** A canonical store of a test file's own, and real runs that take it into a database of its own. */
export class LoadBench {
  readonly context: RunContext;

  private constructor(
    readonly db: Db,
    readonly objects: StoreFixture,
    private readonly entities: Catalog,
    store: CanonicalStore,
    private readonly closeDb: () => Promise<void>,
  ) {
    this.context = runContext(db, store, { entities, delayScale: 0 });
  }

  /** The same database and store under another catalogue. */
  under(entities: Catalog): LoadBench {
    return new LoadBench(this.db, this.objects, entities, this.context.store, this.closeDb);
  }

  static async open(options: LoadOptions = {}): Promise<LoadBench> {
    const { db, close } = options.clickHouse ?? (await testDb());
    const objects = options.objects ?? (await openStore(options.kind ?? "directory"));
    const store = options.wrap?.(objects) ?? objects.store;
    return new LoadBench(db, objects, options.entities ?? catalog, store, close);
  }

  async close(): Promise<void> {
    stopHeartbeat();
    await this.closeDb();
    await this.objects.close();
  }

  /** A registered tenant that no other test has. */
  async tenant(name?: string): Promise<string> {
    const tenantId = testTenant(name);
    await registerTenant(this.db, { tenantId, createdBy: "test" });
    return tenantId;
  }

  /** The directory of a store that is one. */
  get storeDir(): string {
    return this.objects.directory;
  }

  pathOf(key: string): string {
    return path.join(this.storeDir, key);
  }

  /**
   * Writes an object under the tenant's table. Text is written as it is; records become NDJSON.
   *
   * @param modified sets when the object was last modified
   * @returns its key
   */
  async land(
    tenantId: string,
    table: string,
    name: string,
    content: string | Buffer | readonly object[],
    modified?: Date,
  ): Promise<string> {
    const key = `${tablePrefix(tenantId, table)}${name}`;
    const body =
      typeof content === "string" || Buffer.isBuffer(content) ? content : ndjson(content);
    await this.objects.put(key, Buffer.from(body), modified);
    return key;
  }

  /**
   * Lets ClickHouse write an object: Parquet and Zstandard are beyond Node 20.
   *
   * @param format of ClickHouse, such as `Parquet`; the name's ending says how it is compressed
   * @param select the records, as a SELECT
   * @returns its key
   */
  async landSelect(
    tenantId: string,
    table: string,
    name: string,
    format: "Parquet" | "JSONEachRow" | "CSVWithNames",
    select: string,
  ): Promise<string> {
    const key = `${tablePrefix(tenantId, table)}${name}`;
    // A directory must be there before ClickHouse writes into it.
    await this.objects.put(key, Buffer.alloc(0));
    await this.objects.remove(key);
    const { sql, params } = this.objects.target(key, format);
    await this.db.command({
      name: "test.land-select",
      params,
      sql: `INSERT INTO FUNCTION ${sql} ${select}`,
    });
    return key;
  }

  /** Carries a run out to its end. */
  async load(
    tenantId: string,
    table: string,
    mode: RunMode = "incremental",
    context: RunContext = this.context,
  ): Promise<LoadedRun> {
    const { runId } = await startRun(this.db, {
      tenantId,
      mode,
      tables: [table],
      trigger: "cli",
      requestedBy: "test",
      // A reload is meant here, and nobody is there to approve it.
      planRule: mode === "bulk" ? "never" : "when_due",
    });
    await executeRun(context, runId);
    const summary = await summarizeRun(this.db, runId);
    return { ...summary, error: (await findRun(this.db, runId))?.error ?? "" };
  }

  async history(tenantId: string, table: string): Promise<HistoryRow[]> {
    const exported = await text(await exportHistory(this.db, tenantId, this.entity(table)));
    return exported
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as HistoryRow);
  }

  /** By object and row. */
  async deadLetters(tenantId: string): Promise<DeadLetter[]> {
    return this.db.rows(
      {
        name: "test.dead-letters",
        params: { tenant_id: tenantId },
        sql: `SELECT table_name, kind, object_key, source_row, entity_id, raw, errors, cause, attempts, status
FROM dead_letters FINAL WHERE tenant_id = {tenant_id:String} ORDER BY object_key, source_row`,
      },
      DeadLetter,
    );
  }

  async events(runId: string): Promise<z.infer<typeof RunEvent>[]> {
    return this.db.rows(
      {
        name: "test.events",
        params: { run_id: runId },
        sql: "SELECT level, event, message FROM run_events WHERE run_id = {run_id:String} ORDER BY at, sequence",
      },
      RunEvent,
    );
  }

  /** What is wrong with a table: broken invariants, ledgers that do not balance, sizes that are not the history's. */
  async complaints(tenantId: string, table: string): Promise<unknown[]> {
    const work = { ...this.context, entity: this.entity(table), tenantId, runId: "" };
    const { unbalanced } = await unbalancedRuns(this.db, tenantId);
    const size = await measureHistory(work);
    const state = await readState(work);
    const isMeasured =
      state === undefined ||
      (state.entities === size.entities &&
        state.versions === size.versions &&
        state.current === size.current);
    return [
      ...(await checkInvariants(work, "all")),
      ...unbalanced,
      ...(isMeasured ? [] : [{ kept: state, measured: size }]),
    ];
  }

  entity(table: string): Entity {
    const entity = entityOf(table, this.entities);
    if (entity === undefined) throw new Error(`The catalogue has no ${table}.`);
    return entity;
  }
}

/** One record a line. */
export function ndjson(records: readonly object[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join("");
}

/** Whether a run's row ledger accounts for every row read. */
export function balances(run: RunSummary): boolean {
  const { read, changed, deleted, unchanged, duplicate, rejected } = run;
  return read === run.new + changed + deleted + unchanged + duplicate + rejected;
}

/** Works a list off in a few lanes at once. */
export async function inLanes<T>(
  lanes: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) await work(items[next++] as T);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

/** The first lines in which two histories differ: a diff of thousands of rows says nothing. */
export function firstDifferences(
  found: readonly HistoryRow[],
  expected: readonly HistoryRow[],
): string[] {
  const differences: string[] = [];
  for (let index = 0; index < Math.max(found.length, expected.length); index++) {
    const [is, want] = [JSON.stringify(found[index]), JSON.stringify(expected[index])];
    if (is !== want) differences.push(`version ${index}: expected ${want}, found ${is}`);
    if (differences.length === 5) break;
  }
  return differences;
}
