import { type Env, env } from "@/server/env";

import type { CanonicalStore } from "./canonical-store";
import { isRemote } from "./is-remote";
import { LocalStore } from "./local-store";
import { s3Settings } from "./s3/s3-settings";
import { S3Store } from "./s3/s3-store";
import { StoreError } from "./store-error";

// Next gives each kind of entry its own copy of a module; the store's credentials are to be asked for once.
const holder = globalThis as typeof globalThis & {
  __avesaStore?: { readonly env: Env; readonly address: string; readonly store: CanonicalStore };
};

/**
 * The canonical store that the environment names: a directory, or `s3://bucket/prefix`.
 *
 * @throws StoreError where the settings do not say enough to reach it, in words
 */
export function openCanonicalStore(address: string = env().CANONICAL_STORE): CanonicalStore {
  const settings = env();
  const kept = holder.__avesaStore;
  if (kept?.env === settings && kept.address === address) return kept.store;
  const store = open(address, settings);
  holder.__avesaStore = { env: settings, address, store };
  return store;
}

function open(address: string, settings: Env): CanonicalStore {
  if (address.startsWith("s3://")) return new S3Store(s3Settings(address, settings));
  if (isRemote(address)) {
    throw new StoreError(
      "bad-settings",
      `CANONICAL_STORE ${address} is neither a directory nor s3://bucket/prefix.`,
    );
  }
  return new LocalStore(address, settings.CANONICAL_STORE_WINDOW_MINUTES * 60_000);
}
