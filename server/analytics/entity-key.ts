import { createHash } from "node:crypto";

/** What can stand in an address as it is, in every browser and proxy. A leading dot or tilde means something there. */
const PLAIN = /^[A-Za-z0-9_-][A-Za-z0-9._:@-]{0,199}$/;
const ENCODED_LIMIT_BYTES = 1_500;

/** How an address names an entity: by its id, or by the SHA-256 (hex) of an id that is too long for an address. */
export type EntityKey = { readonly id: string } | { readonly sha256: string };

/**
 * The part of an address that names an entity. An id is any text: quotes, slashes, newlines, ten thousand characters.
 * Plain ids stay readable, others are base64url behind `~`, and those too long for an address are a digest behind `~~`.
 */
export function entityKey(id: string): string {
  if (PLAIN.test(id)) return id;
  const bytes = Buffer.from(id, "utf8");
  return bytes.length <= ENCODED_LIMIT_BYTES
    ? `~${bytes.toString("base64url")}`
    : `~~${createHash("sha256").update(bytes).digest("hex")}`;
}

/** What an address names; text that none of our addresses has is taken as an id that a person typed. */
export function parseEntityKey(key: string): EntityKey {
  if (/^~~[0-9a-f]{64}$/.test(key)) return { sha256: key.slice(2) };
  if (/^~[A-Za-z0-9_-]+$/.test(key))
    return { id: Buffer.from(key.slice(1), "base64url").toString("utf8") };
  return { id: key };
}
