/**
 * The Content-Security-Policy of a page.
 *
 * Scripts run only with the nonce of the request (`strict-dynamic` lets those load their own chunks). Style elements need it too; style
 * attributes are let through, because bars and gauges carry their lengths there and an attribute cannot run anything.
 *
 * @param nonce base64 text, fresh for each request
 * @param development true under `next dev`, where React's error overlay evaluates code and styles are injected without a nonce
 * @returns the header's value
 */
export function contentSecurityPolicy(nonce: string, development: boolean): string {
  const directives: Record<string, string> = {
    "default-src": "'self'",
    "script-src": `'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src": development ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`,
    "style-src-attr": "'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join("; ");
}
