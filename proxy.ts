import { type NextRequest, NextResponse } from "next/server";
import { contentSecurityPolicy } from "@/lib/csp";
import { readToken } from "@/server/auth/token";

/** Pages that are for people who are not signed in. */
const OPEN_PAGES = ["/login"];

/** Whether the request carries a session token that is ours; the data layer asks the store what it is worth. */
async function hasToken(request: NextRequest): Promise<boolean> {
  const cookies = request.cookies.getAll().map(({ name, value }) => [name, value] as const);
  return (await readToken(Object.fromEntries(cookies))) !== null;
}

/**
 * Runs before every page. Who has no session is led to the sign-in page and from there back; that is a courtesy, not the defence: every
 * page, read and write asks again for itself. Everybody else's request gets a fresh nonce and the Content-Security-Policy that names it; Next reads
 * the nonce from the request's header and puts it on its own scripts.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const { pathname, search } = request.nextUrl;
  if (!OPEN_PAGES.includes(pathname) && !(await hasToken(request))) {
    const login = request.nextUrl.clone();
    login.pathname = "/login";
    login.search = pathname === "/" ? "" : `?callbackUrl=${encodeURIComponent(pathname + search)}`;
    return NextResponse.redirect(login, 307);
  }
  const nonce = btoa(crypto.randomUUID());
  const policy = contentSecurityPolicy(nonce, process.env.NODE_ENV === "development");
  const headers = new Headers(request.headers);
  headers.set("x-nonce", nonce);
  headers.set("x-avesa-path", pathname + search);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return response;
}

export const config = {
  matcher: [
    {
      source: "/((?!api|_next/static|_next/image|favicon.ico|mark.svg).*)",
      missing: [
        { type: "header", key: "next-router-prefetch" },
        { type: "header", key: "purpose", value: "prefetch" },
      ],
    },
  ],
};
