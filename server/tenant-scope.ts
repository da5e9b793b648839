import "server-only";
import type { Actor } from "@/server/auth/actor";
import type { Db } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import { findTenant } from "@/server/tenants/find-tenant";

declare const checked: unique symbol;

/** The right to work with one tenant's rows. It is made below, after the check, and nowhere else. */
export interface TenantScope {
  readonly tenantId: string;
  /** As registered when the right was checked. */
  readonly name: string;
  /** An IANA name. */
  readonly timeZone: string;
  readonly [checked]: true;
}

// Next gives each kind of entry its own copy of this module; a scope made by one copy must count in the other.
const holder = globalThis as typeof globalThis & { __avesaScopes?: WeakSet<object> };

function made(): WeakSet<object> {
  holder.__avesaScopes ??= new WeakSet();
  return holder.__avesaScopes;
}

/** Whether a person may work with a tenant that exists: today everybody with an account may. */
function isMember(_actor: Actor, _tenantId: string): boolean {
  return true;
}

/**
 * The scope of one tenant for one person.
 *
 * @param tenantId from outside; anything may be in it
 * @param missing what is said when there is none
 * @throws AppError `not-found`, with the same words whether there is no such tenant or the person may not see it
 */
export async function scopeToTenant(
  db: Db,
  actor: Actor,
  tenantId: unknown,
  missing = "There is no such tenant, or you cannot see it.",
): Promise<TenantScope> {
  const tenant = typeof tenantId === "string" ? await findTenant(db, tenantId) : undefined;
  if (tenant === undefined || !isMember(actor, tenant.tenantId))
    throw new AppError("not-found", missing);
  const scope = Object.freeze({
    tenantId: tenant.tenantId,
    name: tenant.name,
    timeZone: tenant.timeZone,
  }) as TenantScope;
  made().add(scope);
  return scope;
}

/** @throws when the value was not made by `scopeToTenant`, such as an object that merely looks like a scope */
export function assertTenantScope(scope: TenantScope): void {
  if (!made().has(scope)) throw new Error("A tenant query needs a scope that was checked");
}
