import { randomUUID } from "node:crypto";
import { PassThrough, type Readable } from "node:stream";

import type { z } from "zod";

import type { ClickHouseConnection } from "./connection";
import type { Db, InsertOptions, Statement, StatementResult } from "./db";
import { type AccountOf, DEFAULT_TIMEOUT_MS, Driver, isAborted } from "./driver";
import { ClickHouseError } from "./error";
import { baseSettings } from "./statement-settings";

type Summary = Readonly<Record<string, string | undefined>>;

function toResult(queryId: string, summary: object | undefined): StatementResult {
  const values = (summary ?? {}) as Summary;
  return {
    queryId,
    readRows: Number(values["read_rows"] ?? 0),
    readBytes: Number(values["read_bytes"] ?? 0),
    writtenRows: Number(values["written_rows"] ?? 0),
    writtenBytes: Number(values["written_bytes"] ?? 0),
    resultRows: Number(values["result_rows"] ?? 0),
    elapsedMs: Number(values["elapsed_ns"] ?? 0) / 1e6,
  };
}

/** What the driver is told of a statement, however it is asked. */
function toQuery({ name, sql, params, settings }: Statement, timeoutMs: number, buffered: boolean) {
  return {
    query: sql,
    ...(params === undefined ? {} : { query_params: { ...params } }),
    clickhouse_settings: { ...baseSettings(name, timeoutMs, buffered), ...settings },
  };
}

function notOneRow({ name }: Statement, found: number): ClickHouseError {
  return new ClickHouseError(name, 0, "UNEXPECTED_ROW", false, `${found} rows instead of one.`);
}

class HttpDb implements Db {
  readonly #accountOf: AccountOf;
  readonly #driver: Driver;
  #shards: readonly Db[] | undefined;

  constructor(
    readonly connection: ClickHouseConnection,
    accountOf: AccountOf,
    readonly database: string,
  ) {
    this.#accountOf = accountOf;
    this.#driver = new Driver(connection, accountOf, database);
  }

  get shards(): readonly Db[] {
    this.#shards ??= [
      this,
      ...(this.connection.nodes ?? []).map(
        (node) => new HttpDb(node, this.#accountOf, this.database),
      ),
    ];
    return this.#shards;
  }

  async command(statement: Statement): Promise<StatementResult> {
    return this.#driver.run(statement, async (driver, queryId, signal, timeoutMs) => {
      const result = await driver.command({
        ...toQuery(statement, timeoutMs, true),
        query_id: queryId,
        abort_signal: signal,
      });
      return toResult(queryId, result.summary);
    });
  }

  async rows<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>[]> {
    const raw = await this.#driver.run(statement, async (driver, queryId, signal, timeoutMs) => {
      const result = await driver.query({
        ...toQuery(statement, timeoutMs, true),
        format: "JSONEachRow",
        query_id: queryId,
        abort_signal: signal,
      });
      return result.json<unknown>();
    });
    return raw.map((value) => {
      const parsed = row.safeParse(value);
      if (parsed.success) return parsed.data;
      const where = parsed.error.issues
        .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
        .join("; ");
      throw new ClickHouseError(statement.name, 0, "UNEXPECTED_ROW", false, where);
    });
  }

  async maybeRow<Row extends z.ZodType>(
    statement: Statement,
    row: Row,
  ): Promise<z.output<Row> | undefined> {
    const found = await this.rows(statement, row);
    if (found.length <= 1) return found[0];
    throw notOneRow(statement, found.length);
  }

  async row<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>> {
    const found = await this.rows(statement, row);
    if (found.length === 1) return found[0] as z.output<Row>;
    throw notOneRow(statement, found.length);
  }

  async insert(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options: InsertOptions = {},
  ): Promise<StatementResult> {
    const name = options.name ?? `insert.${table}`;
    const first = rows[0];
    if (first === undefined) return toResult("", undefined);
    const [column, ...more] = options.columns ?? Object.keys(first);
    return this.#driver.run({ ...options, name }, async (driver, queryId, signal, timeoutMs) => {
      const result = await driver.insert({
        table,
        values: [...rows],
        format: "JSONEachRow",
        ...(column === undefined ? {} : { columns: [column, ...more] as [string, ...string[]] }),
        query_id: queryId,
        abort_signal: signal,
        clickhouse_settings: {
          ...baseSettings(name, timeoutMs, true),
          ...options.settings,
        },
      });
      return toResult(queryId, result.summary);
    });
  }

  async stream(statement: Statement): Promise<Readable> {
    const timeoutMs = statement.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const queryId = statement.queryId ?? randomUUID();
    const answer = await this.#driver.run(
      { ...statement, queryId, timeoutMs },
      async (driver, _queryId, signal) => {
        const result = await driver.exec({
          ...toQuery(statement, timeoutMs, false),
          query_id: queryId,
          abort_signal: signal,
        });
        return result.stream;
      },
    );
    const { name, signal } = statement;
    const out = new PassThrough();
    // Past the headers the driver no longer listens to the signal.
    const abandon = (): void => {
      out.destroy(new ClickHouseError(name, 0, "CANCELLED", false, "Aborted by the caller."));
    };
    signal?.addEventListener("abort", abandon, { once: true });
    answer.once("error", (error) => {
      out.destroy(
        new ClickHouseError(name, 0, "INCOMPLETE_ANSWER", true, error.message, { cause: error }),
      );
    });
    out.once("close", () => {
      signal?.removeEventListener("abort", abandon);
      if (answer.readableEnded) return;
      // A reader who leaves must not leave work behind.
      answer.destroy();
      void this.#driver.kill(queryId);
    });
    answer.pipe(out);
    if (isAborted(signal)) abandon();
    return out;
  }

  async ping(): Promise<boolean> {
    try {
      const driver = await this.#driver.current();
      return (await driver.ping()).success;
    } catch {
      return false;
    }
  }

  asReader(): Db {
    return new HttpDb(this.connection, ({ reader }) => reader, this.database);
  }

  inDatabase(database: string): Db {
    return new HttpDb(this.connection, this.#accountOf, database);
  }

  async close(): Promise<void> {
    const nodes = (this.#shards ?? []).slice(1);
    this.#shards = undefined;
    await Promise.all([this.#driver, ...nodes].map(async (one) => one.close()));
  }
}

/** A handle for statements over an open connection, signed in as the account that may do everything. */
export function createDb(connection: ClickHouseConnection): Db {
  return new HttpDb(connection, (account) => account, connection.database);
}
