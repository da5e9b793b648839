import "server-only";
import { getToken } from "next-auth/jwt";
import { cookieNames, isSecure, sessionSecret } from "./secret";

/** A request's cookies by name. */
export type Cookies = Readonly<Record<string, string>>;

/** Whose a session is, and of which password. */
interface Claim {
  readonly username: string;
  readonly stamp: string;
}

/** Tokens that were found to be ours; more are not kept. */
const MOST_KNOWN = 1_000;
const known = new Map<string, Claim & { readonly endsAt: number }>();

/**
 * What a session token that is ours and not expired says: whose it is, and of which password. Null for anything else.
 * It is only a claim: whether the account still exists, and with which role, the store says (`server/auth/session`).
 *
 * A token says the same until it expires, and making its key out of the secret costs more than all else that a small read
 * takes here; so what was read once is kept, under all of the token's text.
 *
 * @param now milliseconds since 1970
 */
export async function readToken(cookies: Cookies, now = Date.now()): Promise<Claim | null> {
  const cookieName = cookieNames(isSecure()).session;
  const secret = sessionSecret();
  // A long token comes in several cookies, whose names begin with this one.
  const parts = Object.entries(cookies).filter(([name]) => name.startsWith(cookieName));
  const text = JSON.stringify([secret, ...parts.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  const before = known.get(text);
  if (before !== undefined && before.endsAt > now) return claimOf(before);
  const token = await getToken({
    // Only the cookie counts: a token in a header could be sent from another site's page.
    req: { cookies, headers: {} } as unknown as Parameters<typeof getToken>[0]["req"],
    secret,
    cookieName,
    secureCookie: isSecure(),
  });
  const username = token?.sub;
  const stamp = token?.["stamp"];
  if (typeof username !== "string" || typeof stamp !== "string") return null;
  if (known.size >= MOST_KNOWN) known.clear();
  if (typeof token?.["exp"] === "number")
    known.set(text, { username, stamp, endsAt: token["exp"] * 1_000 });
  return { username, stamp };
}

function claimOf({ username, stamp }: Claim): Claim {
  return { username, stamp };
}
