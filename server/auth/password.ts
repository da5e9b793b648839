import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from "node:crypto";

/**
 * Passwords at rest: `scrypt$1$15$8$3$SALT$HASH`, that is the scheme, the version of this format, log2 N, r, p,
 * then salt and hash in base64url. The cost stands in each hash, so it can be raised without a migration.
 */
const SCHEME = "scrypt";
const VERSION = "1";
const COST = { logN: 15, r: 8, p: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Hashing takes time in proportion to nothing but the cost; the bound keeps a megabyte of "password" out. */
const MAX_LENGTH = 200;
export const MIN_PASSWORD_LENGTH = 12;

interface Cost {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

function derive(password: string, salt: Buffer, cost: Cost, length: number): Promise<Buffer> {
  const N = 2 ** cost.logN;
  const options: ScryptOptions = { N, r: cost.r, p: cost.p, maxmem: 128 * N * cost.r * 2 };
  return new Promise((resolve, reject) => {
    // The same password typed on another keyboard may come composed differently.
    scrypt(password.slice(0, MAX_LENGTH).normalize("NFKC"), salt, length, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

/** The stored form of a password. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, COST, HASH_BYTES);
  return [
    SCHEME,
    VERSION,
    COST.logN,
    COST.r,
    COST.p,
    salt.toString("base64url"),
    hash.toString("base64url"),
  ].join("$");
}

/**
 * Whether the password belongs to the stored form. Compares in constant time.
 *
 * @throws when the stored form is not one that `hashPassword` made: a damaged account is not a wrong password
 */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const match = /^scrypt\$1\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{8,})\$([\w-]{22,})$/.exec(
    stored,
  );
  const [, logN, r, p, salt, hash] = match ?? [];
  if (!logN || !r || !p || !salt || !hash || Number(logN) > 20)
    throw new Error("A stored password hash is unreadable");
  const expected = Buffer.from(hash, "base64url");
  const cost = { logN: Number(logN), r: Number(r), p: Number(p) };
  const actual = await derive(password, Buffer.from(salt, "base64url"), cost, expected.length);
  return timingSafeEqual(actual, expected);
}

let decoy: Promise<string> | undefined;

/** Does the work of a check for a user who does not exist, so that the answer takes as long. Always false. */
export async function verifyNobody(password: string): Promise<false> {
  decoy ??= hashPassword(randomBytes(SALT_BYTES).toString("hex"));
  await verifyPassword(password, await decoy);
  return false;
}

/** Why this password cannot be taken, as a sentence, or null. */
export function passwordFault(password: string, username: string): string | null {
  if (password.length < MIN_PASSWORD_LENGTH)
    return `A password has at least ${MIN_PASSWORD_LENGTH} characters.`;
  if (password.length > MAX_LENGTH) return `A password has at most ${MAX_LENGTH} characters.`;
  if (new Set(password).size < 5) return "A password has at least 5 different characters.";
  if (password.toLowerCase().includes(username.toLowerCase()))
    return "A password does not contain the user name.";
  return null;
}
