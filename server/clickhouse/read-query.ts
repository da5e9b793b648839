import "server-only";
import type { ClickHouseSettings } from "@clickhouse/client";
import type { z } from "zod";
import { bareSql } from "./bare-sql";
import { type Weight, whenAdmitted } from "./admission";
import type { Db } from "./client";
import { keptAnswer } from "./kept-answers";

/** A read as it is written down: one whole statement, what goes in, what each row is. */
export interface ReadDefinition<Params extends z.ZodObject, Row extends z.ZodType> {
  /** Short name such as "tenant.tables"; sent to the server with the statement and used in logs. */
  readonly name: string;
  /** One SELECT. Values are bound by name and type; nothing is spliced into the text. */
  readonly sql: string;
  /** The values to bind, by parameter name. */
  readonly params: Params;
  /** One row of the answer. */
  readonly row: Row;
  /** The statement is ended after this many seconds. */
  readonly maxSeconds: number;
  /** Default: light. Heavy is what may read a whole table of a tenant. */
  readonly weight?: Weight;
  /**
   * The answer may be this many seconds old: see {@link keptAnswer}. Not for what an action of a person changes, who would
   * see the state before it.
   */
  readonly cacheSeconds?: number;
}

/** @throws when the statement is not a single SELECT: a definition is code, so this shows at the first import */
export function assertSingleSelect(name: string, sql: string): void {
  const bare = bareSql(sql);
  if (!/^\s*(select|with)\b/i.test(bare)) throw new Error(`${name}: a read is a SELECT`);
  if (bare.includes(";")) throw new Error(`${name}: a read is one statement`);
}

/** Of a read of few rows compiling its expressions is a sixth of the work. */
const LIGHT = { compile_expressions: 0 } as const;

/**
 * Runs a definition with values that have been checked, on the handle given, when there is room for it.
 *
 * @throws AppError `busy`, ClickHouseError
 */
export async function runRead<Row extends z.ZodType>(
  definition: Omit<ReadDefinition<z.ZodObject, Row>, "params">,
  params: Readonly<Record<string, unknown>>,
  db: Db,
  settings: ClickHouseSettings = {},
): Promise<z.output<Row>[]> {
  const ask = () =>
    whenAdmitted(db, definition.weight ?? "light", async () =>
      db.rows(
        {
          name: definition.name,
          sql: definition.sql,
          params,
          settings: { ...(definition.weight === "heavy" ? {} : LIGHT), ...settings },
          timeoutMs: definition.maxSeconds * 1_000,
        },
        definition.row,
      ),
    );
  const { sql, cacheSeconds } = definition;
  return cacheSeconds === undefined ? ask() : keptAnswer(db, { sql, params }, cacheSeconds, ask);
}
