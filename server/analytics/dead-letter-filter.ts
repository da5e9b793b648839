import { z } from "zod";
import type { DeadLetterKind, DeadLetterStatus } from "@/lib/contracts/dlq";

/** Which dead letters are meant; what is not asked for has no clause. */
export interface DeadLetterFilter {
  readonly status?: DeadLetterStatus | undefined;
  readonly tenantId?: string | undefined;
  readonly tableName?: string | undefined;
  readonly kind?: DeadLetterKind | undefined;
  readonly fingerprint?: string | undefined;
}

/** The filter as the address and the API name it: `any` status is no condition. */
export function asDeadLetterFilter(asked: {
  readonly status: DeadLetterStatus | "any";
  readonly tenant?: string | undefined;
  readonly table?: string | undefined;
  readonly kind?: DeadLetterKind | undefined;
}): DeadLetterFilter {
  return {
    status: asked.status === "any" ? undefined : asked.status,
    tenantId: asked.tenant,
    tableName: asked.table,
    kind: asked.kind,
  };
}

/** The WHERE clause of a filter on `dead_letters`, its values and their shape. */
export function bindDeadLetters(filter: DeadLetterFilter) {
  const clauses: string[] = [];
  if (filter.status !== undefined) clauses.push("status = {status:String}");
  if (filter.tenantId !== undefined) clauses.push("tenant_id = {tenant:String}");
  if (filter.tableName !== undefined) clauses.push("table_name = {tableName:String}");
  if (filter.kind !== undefined) clauses.push("kind = {kind:String}");
  if (filter.fingerprint !== undefined) clauses.push("fingerprint = {fingerprint:String}");
  return {
    where: clauses.length === 0 ? "" : `WHERE ${clauses.join(" AND ")}`,
    clauses,
    params: {
      ...(filter.status === undefined ? {} : { status: filter.status }),
      ...(filter.tenantId === undefined ? {} : { tenant: filter.tenantId }),
      ...(filter.tableName === undefined ? {} : { tableName: filter.tableName }),
      ...(filter.kind === undefined ? {} : { kind: filter.kind }),
      ...(filter.fingerprint === undefined ? {} : { fingerprint: filter.fingerprint }),
    },
    shape: z.object({
      status: z.string().optional(),
      tenant: z.string().optional(),
      tableName: z.string().optional(),
      kind: z.string().optional(),
      fingerprint: z.string().optional(),
    }),
  };
}
