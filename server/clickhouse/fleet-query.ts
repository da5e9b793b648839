import "server-only";
import type { z } from "zod";
import { type Db, getReaderDb } from "./client";
import { fleetOf } from "./fleet-database";
import { assertSingleSelect, type ReadDefinition, runRead } from "./read-query";

/**
 * A read that crosses tenants, for the fleet page and for what belongs to no tenant. It is a constructor of its own so that
 * every such read is found by searching for its name; what is about one tenant uses `tenantQuery`.
 *
 * @returns (input, db?) → rows; `db` is the process's reading handle over all servers unless a test or a command brings its own
 */
export function fleetQuery<Params extends z.ZodObject, Row extends z.ZodType>(
  definition: ReadDefinition<Params, Row>,
): (input: z.input<Params>, db?: Db) => Promise<z.output<Row>[]> {
  assertSingleSelect(definition.name, definition.sql);
  return async (input, db) =>
    runRead(definition, definition.params.parse(input), db ?? fleetOf(await getReaderDb()));
}
