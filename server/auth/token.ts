import "server-only";
import { getToken } from "next-auth/jwt";
import { cookieNames, isSecure, sessionSecret } from "./secret";

/** A request's cookies by name. */
export type Cookies = Readonly<Record<string, string>>;

/**
 * What a session token that is ours and not expired says: whose it is, and of which password. Null for anything else.
 * It is only a claim: whether the account still exists, and with which role, the store says (`server/auth/session`).
 */
export async function readToken(
  cookies: Cookies,
): Promise<{ username: string; stamp: string } | null> {
  const token = await getToken({
    // Only the cookie counts: a token in a header could be sent from another site's page.
    req: { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]["req"],
    secret: sessionSecret(),
    cookieName: cookieNames(isSecure()).session,
    secureCookie: isSecure(),
  });
  const username = token?.sub;
  const stamp = token?.["stamp"];
  return typeof username === "string" && typeof stamp === "string" ? { username, stamp } : null;
}
