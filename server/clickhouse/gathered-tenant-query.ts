import "server-only";
import type { z } from "zod";

import { assertTenantScope, type TenantScope } from "@/server/tenant-scope";
import { homeReaderOf } from "@/server/tenants/placement";

import { bareSql } from "./bare-sql";
import type { Db } from "./client";
import { gathered } from "./gathered";
import { assertSingleSelect, type ReadDefinition, runRead } from "./read-query";

/**
 * An answer for several together may not be larger than this; where it would be, fewer share one. A thread more is no help:
 * they ask together because the machine is busy, and it costs a fifth more.
 */
const TOGETHER = { max_result_bytes: String(64 * 1024 * 1024), max_threads: 1 };
/** Most askers that share a statement of keys: one of 400 costs a third more than one of 100. */
const MOST_KEYS = 400;
/** Of tenants: their rows are more. */
const MOST_TENANTS = 100;

/** The tenant and key pairs that are asked for, for the right side of an IN. */
export const ASKED = "arrayZip({tenantIds:Array(String)}, {keys:Array(String)})";
/** The filter of a statement for several tenants. */
export const OF_ASKED_TENANTS = "tenant_id IN {tenantIds:Array(String)}";

interface OfTenant {
  readonly tenantId: string;
}
interface OfKey extends OfTenant {
  readonly key: string;
}

type Definition<Row extends z.ZodType> = Omit<ReadDefinition<z.ZodObject, Row>, "params">;

interface Asked {
  readonly scope: TenantScope;
  readonly key: string;
}

/**
 * A read by keys of one tenant's rows, such as records by their ids; who asks at once share a statement, whichever tenants they
 * are of. As with {@link tenantQuery} nobody asks without a scope; of the rows of a statement an asker gets those of its own
 * scope's tenant and its own key, and no others.
 *
 * @param definition its SQL filters on `(tenant_id, KEY) IN` {@link ASKED}, and its rows say of which tenant and key they are
 * @param bind further values to bind, made of all keys
 * @returns (scope, key, db?, signal?) → rows; `db` is the process's reading handle of the tenant's server unless given
 * @throws when defined without the filter
 */
export function tenantKeysQuery<Row extends z.ZodType<OfKey>>(
  definition: Definition<Row>,
  bind: (keys: readonly string[]) => Readonly<Record<string, unknown>> = () => ({}),
): (scope: TenantScope, key: string, db?: Db, signal?: AbortSignal) => Promise<z.output<Row>[]> {
  assertSingleSelect(definition.name, definition.sql);
  const filter = `\\(tenant_id, [^,]+\\) IN ${literally(ASKED)}`;
  if (!new RegExp(filter).test(bareSql(definition.sql)))
    throw new Error(`${definition.name}: no filter on the tenants and keys that are asked for`);
  const ask = together(
    definition,
    (asked) => {
      const pairs = new Map(asked.map((one) => [placeOf(one.scope.tenantId, one.key), one]));
      const keys = [...pairs.values()].map(({ key }) => key);
      return {
        tenantIds: [...pairs.values()].map(({ scope }) => scope.tenantId),
        keys,
        ...bind(keys),
      };
    },
    ({ tenantId, key }) => placeOf(tenantId, key),
    MOST_KEYS,
  );
  return async (scope, key, db, signal) => {
    assertTenantScope(scope);
    return ask(db ?? (await homeReaderOf(scope.tenantId)), { scope, key }, signal);
  };
}

/**
 * As {@link tenantKeysQuery}, for reads of a whole tenant, such as its settings.
 *
 * @param definition its SQL filters on {@link OF_ASKED_TENANTS}, and its rows say of which tenant they are
 * @param constants further values to bind, the same for everybody
 */
export function tenantsQuery<Row extends z.ZodType<OfTenant>>(
  definition: Definition<Row>,
  constants: Readonly<Record<string, unknown>> = {},
): (scope: TenantScope, db?: Db, signal?: AbortSignal) => Promise<z.output<Row>[]> {
  assertSingleSelect(definition.name, definition.sql);
  if (!bareSql(definition.sql).includes(OF_ASKED_TENANTS))
    throw new Error(`${definition.name}: no filter on the tenants that are asked for`);
  const ask = together(
    definition,
    (asked) => ({
      tenantIds: [...new Set(asked.map(({ scope }) => scope.tenantId))],
      ...constants,
    }),
    ({ tenantId }) => placeOf(tenantId, ""),
    MOST_TENANTS,
  );
  return async (scope, db, signal) => {
    assertTenantScope(scope);
    return ask(db ?? (await homeReaderOf(scope.tenantId)), { scope, key: "" }, signal);
  };
}

/** Which pair it is, as text: no id can hold another's border. */
function placeOf(tenantId: string, key: string): string {
  return JSON.stringify([tenantId, key]);
}

function literally(text: string): string {
  return text.replaceAll(/[(){}[\]]/g, "\\$&");
}

function together<Row extends z.ZodType<OfTenant>>(
  definition: Definition<Row>,
  bind: (asked: readonly Asked[]) => Readonly<Record<string, unknown>>,
  placeOfRow: (row: z.output<Row>) => string,
  most: number,
): (db: Db, asked: Asked, signal?: AbortSignal) => Promise<z.output<Row>[]> {
  return gathered<Asked, z.output<Row>[]>(
    async (db, asked) => {
      const rows = await runRead(definition, bind(asked), db, asked.length === 1 ? {} : TOGETHER);
      const found = new Map<string, z.output<Row>[]>();
      for (const row of rows) {
        const place = placeOfRow(row);
        const own = found.get(place);
        if (own === undefined) found.set(place, [row]);
        else own.push(row);
      }
      return asked.map(({ scope, key }) => found.get(placeOf(scope.tenantId, key)) ?? []);
    },
    { most, rests: true },
  );
}
