import { randomUUID } from "node:crypto";

import { z } from "zod";

import type { Db, InsertOptions, Statement } from "@/server/clickhouse/client";
import { zCount } from "@/server/clickhouse/columns";

import { until } from "./until";

/** A place in a run: a statement by its name, such as "scd2.derive" or "insert.batches". */
export interface Moment {
  readonly statement: string;
  /** Which of the statements of that name, from 1. Default: the first. */
  readonly nth?: number;
  readonly when: "before" | "during" | "after";
}

/** Makes a statement that is to be met in the middle last until it was seen: so many rows a second, from the first on. */
const SLOW = { max_execution_speed: "1000", timeout_before_checking_execution_speed: 0 } as const;

/** What to do at a moment. `signal` is the statement's, where it has one. */
export type Act = (signal?: AbortSignal) => void | Promise<void>;

/**
 * A handle that does something once at a moment of whatever goes through it.
 *
 * @param act awaited; the statement itself goes on meanwhile where the moment is `during`
 */
export function atMoment(db: Db, moment: Moment, act: Act): Db {
  let seen = 0;
  const isNow = (name: string): boolean =>
    name === moment.statement && ++seen === (moment.nth ?? 1);

  const meet = async <T>(
    { queryId, signal }: { queryId: string; signal?: AbortSignal | undefined },
    run: () => Promise<T>,
  ): Promise<T> => {
    if (moment.when === "before") await act(signal);
    const running = run();
    if (moment.when === "during") {
      let hasEnded = false;
      running.then(
        () => (hasEnded = true),
        () => (hasEnded = true),
      );
      // Where the server was quicker than the look, the moment is right behind the statement.
      await until(`${moment.statement} is at work`, async () => hasEnded || isAtWork(db, queryId));
      await act(signal);
    }
    const result = await running;
    if (moment.when === "after") await act(signal);
    return result;
  };

  const met = (statement: Statement): Statement & { queryId: string } => ({
    ...statement,
    queryId: statement.queryId ?? randomUUID(),
    ...(moment.when === "during" ? { settings: { ...statement.settings, ...SLOW } } : {}),
  });
  const asked =
    <Row extends z.ZodType, T>(ask: (statement: Statement, row: Row) => Promise<T>) =>
    async (statement: Statement, row: Row): Promise<T> => {
      if (!isNow(statement.name)) return ask(statement, row);
      const slowed = met(statement);
      return meet(slowed, async () => ask(slowed, row));
    };
  const wrapped: Pick<Db, "command" | "insert" | "rows" | "row" | "maybeRow"> = {
    async command(statement) {
      if (!isNow(statement.name)) return db.command(statement);
      const slowed = met(statement);
      return meet(slowed, async () => db.command(slowed));
    },
    async insert(table, rows, options: InsertOptions = {}) {
      if (rows.length === 0 || !isNow(options.name ?? `insert.${table}`)) {
        return db.insert(table, rows, options);
      }
      return meet({ queryId: "" }, async () => db.insert(table, rows, options));
    },
    rows: asked(async (statement, row) => db.rows(statement, row)) as Db["rows"],
    row: asked(async (statement, row) => db.row(statement, row)) as Db["row"],
    maybeRow: asked(async (statement, row) => db.maybeRow(statement, row)) as Db["maybeRow"],
  };
  return new Proxy(db, {
    get(target, key) {
      const own: unknown = Reflect.get(key in wrapped ? wrapped : target, key);
      return typeof own === "function" ? (own.bind(target) as unknown) : own;
    },
  });
}

async function isAtWork(db: Db, queryId: string): Promise<boolean> {
  const { found } = await db.row(
    {
      name: "test.is-at-work",
      params: { query_id: queryId },
      sql: "SELECT count() AS found FROM system.processes WHERE query_id = {query_id:String}",
    },
    z.object({ found: zCount }),
  );
  return found > 0;
}
