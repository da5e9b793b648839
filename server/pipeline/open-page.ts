import "server-only";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { safeCallbackPath } from "@/lib/callback-url";
import { can, type Permission } from "@/lib/permissions";
import type { Actor } from "@/server/auth/actor";
import { currentActor } from "@/server/auth/session";
import { getDb } from "@/server/clickhouse/client";
import { fleetOf } from "@/server/clickhouse/fleet-database";
import { AppError } from "@/server/errors";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";

/** The request header in which the proxy passes on the path and query that were asked for. */
export const PATH_HEADER = "x-avesa-path";

/** The signed-in person, or a redirect to the sign-in page that leads back here. */
export async function openPage(): Promise<Actor> {
  const actor = await currentActor();
  if (actor !== null) return actor;
  const here = safeCallbackPath((await headers()).get(PATH_HEADER));
  return redirect(here === "/" ? "/login" : `/login?callbackUrl=${encodeURIComponent(here)}`);
}

/**
 * The signed-in person and the scope of the page's tenant: session → permission → tenant scope, for a server component.
 * What may not be seen is not there: the answer is the not-found page.
 *
 * @param tenantId from the path; anything may be in it
 */
export async function openTenantPage(
  permission: Permission,
  tenantId: string,
): Promise<{ actor: Actor; scope: TenantScope }> {
  const actor = await openPage();
  if (!can(actor.role, permission)) return notFound();
  try {
    return { actor, scope: await scopeToTenant(fleetOf(await getDb()), actor, tenantId) };
  } catch (error) {
    if (error instanceof AppError && error.code === "not-found") return notFound();
    throw error;
  }
}
