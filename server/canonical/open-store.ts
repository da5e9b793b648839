import { env } from "@/server/env";

import type { CanonicalStore } from "./canonical-store";
import { LocalStore } from "./local-store";

/**
 * The canonical store that the environment names.
 *
 * @throws where the address is of a kind this release cannot read
 */
export function openCanonicalStore(address: string = env().CANONICAL_STORE): CanonicalStore {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(address)) {
    throw new Error(
      `CANONICAL_STORE ${address} is not a local directory. This release reads a directory only.`,
    );
  }
  return new LocalStore(address);
}
