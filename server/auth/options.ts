import "server-only";
import type { NextAuthOptions } from "next-auth";
import credentials from "next-auth/providers/credentials";
import { safeCallbackPath } from "@/lib/callback-url";
import { getDb } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { AppError, codeOf, newReferenceId } from "@/server/errors";
import { log } from "@/server/log";
import { authenticate } from "./authenticate";
import { cookieNames, isSecure, sessionSecret } from "./secret";
import { credentialStamp } from "./users";

/** Seconds after which a session ends. */
export const SESSION_SECONDS = 8 * 60 * 60;

type Headers = Readonly<Record<string, unknown>>;

/**
 * Where a request comes from, as the proxy next to us says, or the socket where there is none (Next fills the header in).
 * Of a list the last entry is the one our own proxy wrote; what stands before it is the sender's word.
 */
export function addressOf(headers: Headers | undefined): string {
  const forwarded = headers?.["x-forwarded-for"];
  const last = typeof forwarded === "string" ? forwarded.split(",").at(-1)?.trim() : undefined;
  if (last === undefined || last === "") return "unknown";
  // A socket that speaks both IPv4 and IPv6 writes 10.0.0.1 as ::ffff:10.0.0.1.
  return last.replace(/^::ffff:(?=\d+\.)/i, "").slice(0, 100);
}

/**
 * The error that the sign-in form gets to read, in next-auth's own manner: the text of an Error becomes the `error` of its
 * answer. `throttled:SECONDS` and `unavailable:REFERENCE` are ours; a wrong name or password is its `CredentialsSignin`.
 */
function toFormError(error: unknown): Error {
  if (error instanceof AppError && error.code === "throttled")
    return new Error(`throttled:${error.retryAfterSeconds ?? 1}`);
  const referenceId = newReferenceId();
  log().error({ err: error, referenceId, code: codeOf(error) }, "sign-in failed");
  return new Error(`unavailable:${referenceId}`);
}

/**
 * The address this request used: localhost, 127.0.0.1 or a name, whichever the person typed. Behind TLS the configured one.
 */
function originOf(request: Request): string {
  const host = request.headers.get("host");
  return isSecure() || host === null ? new URL(env().NEXTAUTH_URL).origin : `http://${host}`;
}

/**
 * next-auth's options: accounts of our own, a token that says who and with which password, and nothing that lasts. They are
 * made for each request, because next-auth by itself knows one fixed address only.
 */
export function authOptions(request: Request): NextAuthOptions {
  const origin = originOf(request);
  const secure = isSecure();
  const names = cookieNames(secure);
  const cookie = { httpOnly: true, sameSite: "lax", path: "/", secure } as const;
  return {
    secret: sessionSecret(),
    useSecureCookies: secure,
    session: { strategy: "jwt", maxAge: SESSION_SECONDS },
    pages: { signIn: "/login", signOut: "/login", error: "/login" },
    cookies: {
      sessionToken: { name: names.session, options: cookie },
      callbackUrl: { name: names.callbackUrl, options: cookie },
      csrfToken: { name: names.csrf, options: cookie },
    },
    providers: [
      credentials({
        name: "Local account",
        credentials: { username: { type: "text" }, password: { type: "password" } },
        async authorize(given, request) {
          try {
            const user = await authenticate(await getDb(), {
              username: String(given?.username ?? ""),
              password: String(given?.password ?? ""),
              address: addressOf(request.headers),
            });
            if (user === null) return null;
            return {
              id: user.username,
              name: user.displayName,
              role: user.role,
              stamp: credentialStamp(user),
            };
          } catch (error) {
            throw toFormError(error);
          }
        },
      }),
    ],
    callbacks: {
      jwt({ token, user }) {
        if (user !== undefined) {
          const { role, stamp } = user as typeof user & { role: string; stamp: string };
          Object.assign(token, { role, stamp });
        }
        return token;
      },
      redirect({ url, baseUrl }) {
        // next-auth hands absolute addresses back to us; only the path of ours counts, and only if it is a safe one.
        const own = [origin, baseUrl].find((start) => url.startsWith(`${start}/`)) ?? "";
        return `${origin}${safeCallbackPath(url.slice(own.length))}`;
      },
    },
    logger: {
      error: (code, metadata) =>
        log().error({ code, err: metadata instanceof Error ? metadata : undefined }, "next-auth"),
      warn: (code) => log().debug({ code }, "next-auth"),
      debug: () => undefined,
    },
  };
}
