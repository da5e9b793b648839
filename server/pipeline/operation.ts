import "server-only";
import type { z } from "zod";
import type { AuditAction } from "@/lib/contracts/audit";
import type { Permission } from "@/lib/permissions";
import type { Actor } from "@/server/auth/actor";
import type { Db } from "@/server/clickhouse/client";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";

/** Input before it was checked: whatever came, by field name. */
export type Raw = Readonly<Record<string, unknown>>;

/** What the audit keeps of a write that happened; no secrets. */
export interface AuditRecord {
  readonly target?: string;
  readonly before?: unknown;
  readonly after?: unknown;
}

interface Common<Input extends z.ZodType, Output> {
  /** What the audit calls it. A read has none and leaves no line. */
  readonly action?: AuditAction | ((raw: Raw) => AuditAction);
  /** What it takes; a function where that depends on what is asked for. It must answer for any input. */
  readonly permission: Permission | ((raw: Raw) => Permission);
  readonly input: Input;
  /** What it is about, for the audit of an attempt that came to nothing. */
  readonly target?: (raw: Raw) => unknown;
  /** What the audit keeps. Without it nothing but who, what and how it ended. */
  readonly record?: (input: z.output<Input>, output: Output) => AuditRecord;
}

interface Context {
  readonly db: Db;
  readonly actor: Actor;
  readonly referenceId: string;
  /** Aborted when whoever asked has gone; for reads. */
  readonly signal: AbortSignal | undefined;
}

/** Something that can be asked of the console, behind whichever door. The pipeline is what runs it, in one order. */
export interface Operation<Input extends z.ZodType, Output> extends Common<Input, Output> {
  /** Where the tenant's scope comes from; null when it is about no tenant. */
  readonly scope: ((db: Db, actor: Actor, raw: Raw) => Promise<TenantScope>) | null;
  readonly perform: (
    context: Context,
    scope: TenantScope | null,
    input: z.output<Input>,
  ) => Promise<Output>;
}

/**
 * Something about one tenant. The scope is resolved before the input is looked at, from the field `tenantId` or from what
 * `tenantOf` finds.
 *
 * @param definition `tenantOf` gives the tenant of what is asked for, or undefined when there is no such thing
 */
export function tenantOperation<Input extends z.ZodType, Output>(
  definition: Common<Input, Output> & {
    readonly tenantOf?: (db: Db, raw: Raw) => Promise<string | undefined>;
    /** What is said when there is no such thing; it must not tell whether it exists for others. */
    readonly missing?: string;
    readonly perform: (
      context: Context & { readonly scope: TenantScope },
      input: z.output<Input>,
    ) => Promise<Output>;
  },
): Operation<Input, Output> {
  const { tenantOf, missing, perform, ...common } = definition;
  return {
    ...common,
    scope: async (db, actor, raw) =>
      scopeToTenant(
        db,
        actor,
        tenantOf === undefined ? raw["tenantId"] : await tenantOf(db, raw),
        missing,
      ),
    perform: (context, scope, input) => {
      if (scope === null) throw new Error("A tenant operation was carried out without a scope");
      return perform({ ...context, scope }, input);
    },
  };
}

/** Something about no tenant, or about all of them. */
export function fleetOperation<Input extends z.ZodType, Output>(
  definition: Common<Input, Output> & {
    readonly perform: (context: Context, input: z.output<Input>) => Promise<Output>;
  },
): Operation<Input, Output> {
  const { perform, ...common } = definition;
  return { ...common, scope: null, perform: (context, _scope, input) => perform(context, input) };
}
