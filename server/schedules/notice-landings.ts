import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { LocalStore } from "@/server/canonical/local-store";
import { log } from "@/server/log";

import type { LandingMode } from "./scheduler-state";
import { type StoreWatch, watchStore } from "./watch-store";

export interface Noticing {
  readonly mode: LandingMode;
  /** Why the mode is not `watch`, in words for people; '' where it is. */
  readonly message: string;
  close(): void;
}

/**
 * Notices landed objects as far as the store lets it: a local directory is watched; where the system does not allow that, or
 * for a bucket, tenants are listed every so often instead.
 *
 * @param wanted what the settings ask for
 * @param landed called with a tenant whose objects landed
 * @param listAll called every `listingMs` where listing stands in for watching
 */
export function noticeLandings(
  store: CanonicalStore,
  wanted: LandingMode,
  listingMs: number,
  landed: (tenantId: string) => void,
  listAll: () => void,
  watch: typeof watchStore = watchStore,
): Noticing {
  let timer: NodeJS.Timeout | undefined;
  let watching: StoreWatch | undefined;
  let message = "";
  let mode = wanted;
  const listInstead = (reason: string): void => {
    mode = "listing";
    message = `${reason}; the store is listed every ${Math.round(listingMs / 1000)} s instead.`;
    timer = setInterval(listAll, listingMs);
    timer.unref();
  };
  const isLocal = store instanceof LocalStore;
  if (wanted === "off") message = "It is switched off by AVESA_LANDING.";
  else if (wanted === "listing") {
    mode = "listing";
    message = `The store is listed every ${Math.round(listingMs / 1000)} s.`;
    timer = setInterval(listAll, listingMs);
    timer.unref();
  } else if (!isLocal) listInstead("A bucket cannot be watched from here");
  else {
    watching = watch(store.location, landed, (reason) => {
      listInstead(`The directory ${store.location} cannot be watched: ${reason}`);
      log().warn({ store: store.location }, message);
    });
  }
  return {
    get mode() {
      return mode;
    },
    get message() {
      return message;
    },
    close() {
      clearInterval(timer);
      watching?.close();
    },
  };
}
