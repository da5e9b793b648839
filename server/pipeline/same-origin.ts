import "server-only";
import { AppError } from "@/server/errors";
import { env } from "@/server/env";

/**
 * Whether a request that changes something was made by a page of ours, or by a program. Browsers say where a POST comes
 * from; a program says nothing, and has no cookie that it was not given on purpose.
 *
 * @throws AppError `wrong-origin`
 */
export function assertSameOrigin(headers: Headers): void {
  const refuse = (): never => {
    throw new AppError("wrong-origin", "This was sent from a page of another site.");
  };
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") refuse();
  const origin = headers.get("origin");
  if (origin === null) return;
  // Behind a proxy that ends TLS the Host is an inner one; the address people use is then configured.
  if (origin === new URL(env().NEXTAUTH_URL).origin) return;
  let host: string;
  try {
    host = new URL(origin).host;
  } catch {
    // "null" and the like: a page that hides where it is.
    return refuse();
  }
  if (host !== headers.get("host")) refuse();
}
