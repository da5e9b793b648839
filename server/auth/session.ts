import "server-only";
import { can, type Permission, whyNot } from "@/lib/permissions";
import { getDb } from "@/server/clickhouse/client";
import { AppError } from "@/server/errors";
import type { Actor } from "./actor";
import { currentUser } from "./current-user";
import { type Cookies, readToken } from "./token";
import { credentialStamp } from "./users";

interface Options {
  /** Ask the store again instead of going by what it said within the last minute; every write does. */
  readonly fresh?: boolean;
  /** Default: those of the request that Next is answering. */
  readonly cookies?: Cookies;
}

async function requestCookies(): Promise<Cookies> {
  const { cookies } = await import("next/headers");
  const jar = await cookies();
  return Object.fromEntries(jar.getAll().map(({ name, value }) => [name, value]));
}

/** Who is signed in, or null. The role is the store's, at most a minute old; a disabled account is nobody. */
export async function currentActor(options: Options = {}): Promise<Actor | null> {
  const token = await readToken(options.cookies ?? (await requestCookies()));
  if (token === null) return null;
  const user = await currentUser(getDb, token.username, options.fresh ?? false);
  if (user === undefined || user.disabled || credentialStamp(user) !== token.stamp) return null;
  return { username: user.username, displayName: user.displayName, role: user.role };
}

/** @throws AppError `not-signed-in` */
export async function requireSession(options: Options = {}): Promise<Actor> {
  const actor = await currentActor(options);
  if (actor === null) throw new AppError("not-signed-in", "Sign in to go on.");
  return actor;
}

/** @throws AppError `not-allowed` with the role it needs */
export function assertAllowed(actor: Actor, permission: Permission): void {
  if (!can(actor.role, permission))
    throw new AppError(
      "not-allowed",
      `${whyNot(actor.role, permission) ?? "Not allowed"}; yours is ${actor.role}.`,
    );
}

/** @throws AppError `not-signed-in` or `not-allowed` */
export async function requirePermission(
  permission: Permission,
  options: Options = {},
): Promise<Actor> {
  const actor = await requireSession(options);
  assertAllowed(actor, permission);
  return actor;
}
