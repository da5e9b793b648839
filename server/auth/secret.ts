import "server-only";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { env } from "@/server/env";

const FILE = "session-secret";

const holder = globalThis as typeof globalThis & { __avesaSecret?: Map<string, string> };

function readOrMake(directory: string): string {
  const file = path.join(directory, FILE);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  try {
    // The flag makes the file or fails, so two processes that start together agree on one secret.
    writeFileSync(file, `${randomBytes(48).toString("base64url")}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
  const secret = readFileSync(file, "utf8").trim();
  if (secret.length < 32)
    throw new Error(`${file} holds no secret; delete it to have a new one made`);
  return secret;
}

/**
 * What session tokens are signed and encrypted with: NEXTAUTH_SECRET, or one made at the first start and kept in the data
 * directory, readable by its owner only.
 */
export function sessionSecret(): string {
  const { NEXTAUTH_SECRET, DATA_DIR } = env();
  if (NEXTAUTH_SECRET !== undefined) return NEXTAUTH_SECRET;
  holder.__avesaSecret ??= new Map();
  const known = holder.__avesaSecret.get(DATA_DIR) ?? readOrMake(DATA_DIR);
  holder.__avesaSecret.set(DATA_DIR, known);
  return known;
}

/**
 * The names of the cookies. Cookies know hosts but not ports, so two consoles on one machine tell theirs apart by a mark of
 * the secret.
 *
 * @param secure whether the console is reached over https
 */
export function cookieNames(secure: boolean): {
  session: string;
  callbackUrl: string;
  csrf: string;
} {
  const mark = createHash("sha256").update(`cookie:${sessionSecret()}`).digest("hex").slice(0, 8);
  return {
    session: `${secure ? "__Secure-" : ""}avesa-${mark}.session`,
    callbackUrl: `${secure ? "__Secure-" : ""}avesa-${mark}.callback-url`,
    csrf: `${secure ? "__Host-" : ""}avesa-${mark}.csrf`,
  };
}

/** Whether the address people reach the console at is an https one. */
export function isSecure(): boolean {
  return env().NEXTAUTH_URL.startsWith("https://");
}
