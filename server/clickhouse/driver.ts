import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";

import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client";

import type { ClickHouseConnection } from "./connection";
import type { Statement } from "./db";
import { ClickHouseError, isRefusedAccount, toClickHouseError } from "./error";

/** How long a statement may take that does not say so. */
export const DEFAULT_TIMEOUT_MS = 15 * 60_000;
const KILL_LIMIT_MS = 30_000;
const RESTART_LIMIT_MS = 60_000;
const MAX_CONNECTIONS = 64;

/** Who signs in. */
export interface Account {
  username: string;
  password: string;
}

/** Which account of a connection it is. */
export type AccountOf = (connection: ClickHouseConnection) => Account;

/** Whether it is aborted: a call, so that the compiler does not take the answer for settled after asking once. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}

/**
 * The driver of one account on one server and database, and what stands between a statement and it: time limits and signals
 * that end it on the server too, an account that was changed, an embedded server that is coming back.
 */
export class Driver {
  readonly #accountOf: AccountOf;
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

  /** The driver's client for where the server is now. */
  async current(): Promise<ClickHouseClient> {
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
  async run<T>(
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
          act(await this.current(), queryId, merged, timeoutMs),
        ),
      );
    } catch (error) {
      if (!merged.aborted) throw toClickHouseError(name, error);
      await this.kill(queryId);
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
  async kill(queryId: string): Promise<void> {
    try {
      const driver = await this.current();
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

  /** Closes its sockets. */
  async close(): Promise<void> {
    const clients = [...this.#former, ...(this.#client === undefined ? [] : [this.#client])];
    this.#client = undefined;
    this.#clientKey = "";
    this.#former = [];
    await Promise.all(clients.map(async (one) => one.close()));
  }
}
