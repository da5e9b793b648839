import "server-only";
import { randomUUID } from "node:crypto";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";

import {
  ClickHouseLogLevel,
  type ClickHouseClient,
  type ClickHouseSettings,
  createClient,
} from "@clickhouse/client";
import type { z } from "zod";

import { type ClickHouseConnection, openClickHouse } from "./connection";
import { ClickHouseError, isRefusedAccount, toClickHouseError } from "./error";

const DEFAULT_TIMEOUT_MS = 15 * 60_000;
/** The server is given a little longer, so that it is this side that ends a statement and knows why. */
const SERVER_MARGIN_S = 5;
const KILL_LIMIT_MS = 30_000;
const RESTART_LIMIT_MS = 60_000;
const MAX_CONNECTIONS = 64;

/**
 * One statement. Values go into `params` and are bound by the server (`{name:Type}` in the SQL), never into the text.
 */
export interface Statement {
  /** Short name, such as "scd2.stage.insert"; sent as `log_comment`, used in errors and logs. */
  name: string;
  sql: string;
  params?: Readonly<Record<string, unknown>>;
  settings?: ClickHouseSettings;
  /** Aborting kills the statement on the server and waits until it is gone there. */
  signal?: AbortSignal | undefined;
  /** Default: a new random one. */
  queryId?: string;
  /** Default: 15 minutes. */
  timeoutMs?: number;
}

/** What a finished statement did. Rows and bytes count what the server read and wrote, not what it answered. */
export interface StatementResult {
  queryId: string;
  readRows: number;
  readBytes: number;
  writtenRows: number;
  writtenBytes: number;
  /** Rows of the answer. */
  resultRows: number;
  /** Time on the server, in milliseconds. */
  elapsedMs: number;
}

export interface InsertOptions {
  /** Default: `insert.TABLE`. */
  name?: string;
  settings?: ClickHouseSettings;
  signal?: AbortSignal | undefined;
  queryId?: string;
  timeoutMs?: number;
  /** The columns the rows have; the others get their defaults. Default: the keys of the first row. */
  columns?: readonly string[];
}

/**
 * Statements against ClickHouse.
 *
 * Values come back as JSON gives them, with these rules: 64-bit (and wider) integers and decimals are **strings**
 * (see `@/server/clickhouse/columns` for zod readers), date-times are ISO 8601 in UTC with a `Z`.
 * Every method throws {@link ClickHouseError} and nothing else.
 */
export interface Db {
  readonly connection: ClickHouseConnection;
  readonly database: string;
  /** A handle for each server that tenants are spread over, this one first; only this one unless the settings name more. */
  readonly shards: readonly Db[];
  /** A statement without an answer: DDL, INSERT … SELECT, ALTER. Resolves when it is done, not when it is accepted. */
  command(statement: Statement): Promise<StatementResult>;
  /** All rows of a SELECT (no FORMAT clause), each checked and shaped by `row`. For answers that fit in memory. */
  rows<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>[]>;
  /** As {@link rows}, for at most one row. */
  maybeRow<Row extends z.ZodType>(
    statement: Statement,
    row: Row,
  ): Promise<z.output<Row> | undefined>;
  /** As {@link rows}, for exactly one row; anything else is an UNEXPECTED_ROW error. */
  row<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>>;
  /** Writes rows in one INSERT; unknown columns are an error. No rows: nothing happens. */
  insert(
    table: string,
    rows: readonly Readonly<Record<string, unknown>>[],
    options?: InsertOptions,
  ): Promise<StatementResult>;
  /** The raw answer of a SELECT **with** its FORMAT clause, byte by byte; a failure midway destroys the stream. */
  stream(statement: Statement): Promise<Readable>;
  /** Whether the server answers. */
  ping(): Promise<boolean>;
  /** A second handle that signs in as the reading account and keeps sockets of its own. */
  asReader(): Db;
  /** A second handle for another database on the same server, with sockets of its own. */
  inDatabase(database: string): Db;
  /** Closes this handle's sockets. The connection stays open: it belongs to who opened it. */
  close(): Promise<void>;
}

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

/** Settings of every statement; `buffered` for all but streams: the status line then tells how it really ended. */
function baseSettings(name: string, timeoutMs: number, buffered: boolean): ClickHouseSettings {
  return {
    log_comment: name,
    max_execution_time: Math.ceil(timeoutMs / 1000) + SERVER_MARGIN_S,
    date_time_output_format: "iso",
    date_time_input_format: "best_effort",
    output_format_json_quote_64bit_integers: 1,
    output_format_json_quote_decimals: 1,
    output_format_json_quote_denormals: 1,
    input_format_skip_unknown_fields: 0,
    async_insert: 0,
    // Of a read over all servers: what belongs together is on one of them, so each joins its own. Elsewhere it means nothing.
    distributed_product_mode: "local",
    ...(buffered
      ? {
          wait_end_of_query: 1,
          // A header now and then keeps the socket of a long statement from being taken for a dead one.
          send_progress_in_http_headers: 1,
          http_headers_progress_interval_ms: "10000",
        }
      : {}),
  };
}

/** A call, so that the compiler does not take the answer for settled after asking once. */
function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

interface Account {
  username: string;
  password: string;
}

type AccountOf = (connection: ClickHouseConnection) => Account;

class HttpDb implements Db {
  readonly #accountOf: AccountOf;
  #shards: readonly Db[] | undefined;
  #client: ClickHouseClient | undefined;
  #clientKey = "";
  /** Clients for where the server was, or for an account that it had. */
  #former: ClickHouseClient[] = [];

  constructor(
    readonly connection: ClickHouseConnection,
    accountOf: AccountOf,
    readonly database: string,
  ) {
    this.#accountOf = accountOf;
  }

  #account(): Account {
    return this.#accountOf(this.connection);
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

  /** The driver's client for where the server is now. */
  async #driver(): Promise<ClickHouseClient> {
    await this.connection.ready();
    const { url } = this.connection;
    const { username, password } = this.#account();
    const key = `${url}\n${username}\n${password}`;
    if (this.#client !== undefined && this.#clientKey === key) return this.#client;
    const former = this.#client;
    this.#clientKey = key;
    this.#client = createClient({
      url,
      username,
      password,
      database: this.database,
      application: "avesa",
      max_open_connections: MAX_CONNECTIONS,
      // Statements carry limits of their own; this is only the time without any sign of life.
      request_timeout: 10 * 60_000,
      max_response_headers_size: 4 * 1024 * 1024,
      use_multipart_params_auto: true,
      keep_alive: { enabled: true, idle_socket_ttl: 2_500, eagerly_destroy_stale_sockets: true },
      log: { level: ClickHouseLogLevel.OFF },
    });
    // Statements that are at work on it may end; idle sockets end by themselves.
    if (former !== undefined) this.#former.push(former);
    return this.#client;
  }

  /** Runs one call of the driver with a time limit, the caller's signal, and a kill on the server for both. */
  async #run<T>(
    statement: Omit<Statement, "sql">,
    act: (
      driver: ClickHouseClient,
      queryId: string,
      signal: AbortSignal,
      timeoutMs: number,
    ) => Promise<T>,
  ): Promise<T> {
    const { name, signal } = statement;
    const queryId = statement.queryId ?? randomUUID();
    const timeoutMs = statement.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    if (isAborted(signal))
      throw new ClickHouseError(name, 0, "CANCELLED", false, "Aborted before it began.");
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    const merged =
      signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
    try {
      return await this.#whenAdmitted(async () =>
        this.#whenReachable(merged, async () =>
          act(await this.#driver(), queryId, merged, timeoutMs),
        ),
      );
    } catch (error) {
      if (!merged.aborted) throw toClickHouseError(name, error);
      await this.#kill(queryId);
      if (isAborted(signal))
        throw new ClickHouseError(name, 0, "CANCELLED", false, "Aborted by the caller.");
      throw new ClickHouseError(name, 0, "TIMED_OUT", true, `No end within ${timeoutMs} ms.`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A refused account means that nothing was done; a rotated secret has another one. */
  async #whenAdmitted<T>(attempt: () => Promise<T>): Promise<T> {
    const { username, password } = this.#account();
    try {
      return await attempt();
    } catch (error) {
      if (this.connection.renew === undefined || !isRefusedAccount(error)) throw error;
      const now = this.#account();
      // Another statement may have asked meanwhile.
      const isRenewed = now.username !== username || now.password !== password;
      if (!isRenewed && !(await this.connection.renew())) throw error;
      return attempt();
    }
  }

  /**
   * A refused connection means that nothing was sent. Where the server is embedded it also means that it just died and
   * will be back in a moment: its holders start it again, and the statement waits for that.
   */
  async #whenReachable<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + RESTART_LIMIT_MS;
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        const refused =
          error instanceof Error && (error as NodeJS.ErrnoException).code === "ECONNREFUSED";
        if (!refused || !this.connection.embedded || this.connection.status.state === "closed")
          throw error;
        if (signal.aborted || Date.now() > deadline) throw error;
        await delay(50);
      }
    }
  }

  /** Ends a statement on the server; best effort, for a server that cannot be asked runs nothing for us either. */
  async #kill(queryId: string): Promise<void> {
    try {
      const driver = await this.#driver();
      await driver.command({
        query: "KILL QUERY WHERE query_id = {query_id:String} SYNC FORMAT Null",
        query_params: { query_id: queryId },
        clickhouse_settings: { log_comment: "db.kill", max_execution_time: KILL_LIMIT_MS / 1000 },
        abort_signal: AbortSignal.timeout(KILL_LIMIT_MS),
      });
    } catch {
      // The statement's own outcome is what the caller hears of.
    }
  }

  async command(statement: Statement): Promise<StatementResult> {
    return this.#run(statement, async (driver, queryId, signal, timeoutMs) => {
      const result = await driver.command({
        query: statement.sql,
        query_id: queryId,
        abort_signal: signal,
        ...(statement.params === undefined ? {} : { query_params: { ...statement.params } }),
        clickhouse_settings: {
          ...baseSettings(statement.name, timeoutMs, true),
          ...statement.settings,
        },
      });
      return toResult(queryId, result.summary);
    });
  }

  async rows<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>[]> {
    const raw = await this.#run(statement, async (driver, queryId, signal, timeoutMs) => {
      const result = await driver.query({
        query: statement.sql,
        format: "JSONEachRow",
        query_id: queryId,
        abort_signal: signal,
        ...(statement.params === undefined ? {} : { query_params: { ...statement.params } }),
        clickhouse_settings: {
          ...baseSettings(statement.name, timeoutMs, true),
          ...statement.settings,
        },
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
    throw new ClickHouseError(
      statement.name,
      0,
      "UNEXPECTED_ROW",
      false,
      `${found.length} rows instead of one.`,
    );
  }

  async row<Row extends z.ZodType>(statement: Statement, row: Row): Promise<z.output<Row>> {
    const found = await this.rows(statement, row);
    if (found.length === 1) return found[0] as z.output<Row>;
    throw new ClickHouseError(
      statement.name,
      0,
      "UNEXPECTED_ROW",
      false,
      `${found.length} rows instead of one.`,
    );
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
    return this.#run({ ...options, name }, async (driver, queryId, signal, timeoutMs) => {
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
    const answer = await this.#run(
      { ...statement, queryId, timeoutMs },
      async (driver, _queryId, signal) => {
        const result = await driver.exec({
          query: statement.sql,
          query_id: queryId,
          abort_signal: signal,
          ...(statement.params === undefined ? {} : { query_params: { ...statement.params } }),
          clickhouse_settings: {
            ...baseSettings(statement.name, timeoutMs, false),
            ...statement.settings,
          },
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
      void this.#kill(queryId);
    });
    answer.pipe(out);
    if (isAborted(signal)) abandon();
    return out;
  }

  async ping(): Promise<boolean> {
    try {
      const driver = await this.#driver();
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
    const clients = [...this.#former, ...(this.#client === undefined ? [] : [this.#client])];
    this.#client = undefined;
    this.#clientKey = "";
    this.#former = [];
    const nodes = (this.#shards ?? []).slice(1);
    this.#shards = undefined;
    await Promise.all([...clients, ...nodes].map(async (one) => one.close()));
  }
}

/** A handle for statements over an open connection, signed in as the account that may do everything. */
export function createDb(connection: ClickHouseConnection): Db {
  return new HttpDb(connection, (account) => account, connection.database);
}

interface Shared {
  db?: Promise<Db> | undefined;
  reader?: Promise<Db> | undefined;
}

// Next gives instrumentation, route handlers and pages a copy of this module each; the process has one connection.
const holder = globalThis as typeof globalThis & { __avesaDb?: Shared };

function shared(): Shared {
  holder.__avesaDb ??= {};
  return holder.__avesaDb;
}

/**
 * The process's handle; the first call opens the connection (and starts the embedded server where nobody has).
 *
 * @param program who asks, see `openClickHouse`
 */
export function getDb(program?: string): Promise<Db> {
  const current = shared();
  if (current.db === undefined) {
    const opening = openClickHouse(program).then(createDb);
    current.db = opening;
    // A failed start is not kept: the next call tries again.
    opening.catch(() => {
      if (current.db === opening) current.db = undefined;
    });
  }
  return current.db;
}

/** The process's handle of the reading account, for screens. */
export function getReaderDb(): Promise<Db> {
  const current = shared();
  if (current.reader === undefined) {
    const opening = getDb().then((db) => db.asReader());
    current.reader = opening;
    opening.catch(() => {
      if (current.reader === opening) current.reader = undefined;
    });
  }
  return current.reader;
}

/** Closes the process's handles and its connection; the next {@link getDb} opens them anew. */
export async function closeDb(options?: { waitForExit?: boolean }): Promise<void> {
  const current = shared();
  const [db, reader] = [
    await current.db?.catch(() => undefined),
    await current.reader?.catch(() => undefined),
  ];
  current.db = undefined;
  current.reader = undefined;
  await reader?.close();
  await db?.close();
  await db?.connection.close(options);
}
