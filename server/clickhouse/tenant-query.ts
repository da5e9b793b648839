import "server-only";
import type { z } from "zod";
import { assertTenantScope, type TenantScope } from "@/server/tenant-scope";
import { homeReaderOf } from "@/server/tenants/placement";
import { bareSql } from "./bare-sql";
import type { Db } from "./client";
import { assertSingleSelect, type ReadDefinition, runRead } from "./read-query";

/**
 * A read of one tenant's rows. The function it gives cannot be called without a scope, and the tenant that is bound is the
 * scope's, whatever the input says.
 *
 * @param definition its SQL filters on `{tenantId:String}`, either `tenant_id = {tenantId:String}` or as the argument of a
 *   view that cannot be read without a tenant; its params do not name a tenant
 * @returns (scope, input, db?) → rows; `db` is the process's reading handle of the tenant's server unless a test or a command brings its own
 * @throws when defined without the tenant filter
 */
export function tenantQuery<Params extends z.ZodObject, Row extends z.ZodType>(
  definition: ReadDefinition<Params, Row>,
): (scope: TenantScope, input: z.input<Params>, db?: Db) => Promise<z.output<Row>[]> {
  assertSingleSelect(definition.name, definition.sql);
  if (!/(?<![!<>])=\s*\{tenantId:String\}/.test(bareSql(definition.sql)))
    throw new Error(`${definition.name}: no tenant filter`);
  if ("tenantId" in definition.params.shape)
    throw new Error(`${definition.name}: the tenant comes from the scope, not from the input`);
  return async (scope, input, db) => {
    assertTenantScope(scope);
    const { tenantId } = scope;
    return runRead(
      definition,
      { ...definition.params.parse(input), tenantId },
      db ?? (await homeReaderOf(tenantId)),
    );
  };
}
