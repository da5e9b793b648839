const HERE = "http://here.invalid";

/**
 * Where to go after signing in: a path of this console, or "/" for whatever else was asked for. Only the path,
 * the query and the fragment survive, so no spelling of another site can come through.
 *
 * @param wanted the callbackUrl of a link, from anywhere
 */
export function safeCallbackPath(wanted: unknown): string {
  if (typeof wanted !== "string" || wanted.length > 2_000 || !/^\/(?![/\\])/.test(wanted))
    return "/";
  let url: URL;
  try {
    url = new URL(wanted, HERE);
  } catch {
    // Not an address at all: the front page is the answer, as for any other stranger.
    return "/";
  }
  const inside = url.origin === HERE && !url.pathname.startsWith("//");
  const loop = url.pathname === "/login" || url.pathname.startsWith("/api/");
  return inside && !loop ? `${url.pathname}${url.search}${url.hash}` : "/";
}
