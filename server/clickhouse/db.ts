import type { Readable } from "node:stream";

import type { ClickHouseSettings } from "@clickhouse/client";
import type { z } from "zod";

import type { ClickHouseConnection } from "./connection";

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
 * Every method throws ClickHouseError and nothing else.
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
