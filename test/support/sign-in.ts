import { encode } from "next-auth/jwt";
import { NextRequest } from "next/server";
import type { Role } from "@/lib/permissions";
import { forgetUsers } from "@/server/auth/current-user";
import { cookieNames, isSecure, sessionSecret } from "@/server/auth/secret";
import { createUser, credentialStamp, findUser } from "@/server/auth/users";
import type { Db } from "@/server/clickhouse/client";

export const PASSWORD = "seven wet otters";
export const ORIGIN = "http://console.test";

/** Makes the process's own handle this one, for code that asks for it. */
export function useDb(db: Db): void {
  const holder = globalThis as typeof globalThis & { __avesaDb?: object };
  holder.__avesaDb = { db: Promise.resolve(db), reader: Promise.resolve(db.asReader()) };
  forgetUsers();
}

/** Adds an account with PASSWORD. */
export async function addUser(db: Db, username: string, role: Role): Promise<void> {
  await createUser(db, { username, displayName: username, role, password: PASSWORD });
}

/** The session cookie that signing in would set: `name=value`. */
export async function sessionCookie(
  db: Db,
  username: string,
  options: { secret?: string; maxAge?: number; role?: string } = {},
): Promise<string> {
  const user = await findUser(db, username);
  if (user === undefined) throw new Error(`No user ${username}`);
  const token = await encode({
    token: { sub: user.username, role: options.role ?? user.role, stamp: credentialStamp(user) },
    secret: options.secret ?? sessionSecret(),
    maxAge: options.maxAge ?? 60,
  });
  return `${cookieNames(isSecure()).session}=${token}`;
}

/** A request as the console's own page sends it. `body` may be anything; text is sent as it is. */
export function post(
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): NextRequest {
  return new NextRequest(`${ORIGIN}${path}`, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: {
      "content-type": "application/json",
      host: "console.test",
      origin: ORIGIN,
      "sec-fetch-site": "same-origin",
      ...headers,
    },
  });
}
