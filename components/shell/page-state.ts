import { useSyncExternalStore } from "react";
import type { LiveState } from "@/lib/status";

/**
 * What a page tells the frame around it: which tenant it speaks of when its address does not, the last crumb's words, and how live it is. A page says it
 * by `<PageContext>` and `reportLive()`; the top bar listens.
 */
export interface PageState {
  tenantId: string | null;
  crumb: string | null;
  live: LiveState;
  /** Since when the data is stale, ms since the epoch. */
  staleSinceMs: number | null;
}

const NOTHING: PageState = { tenantId: null, crumb: null, live: "idle", staleSinceMs: null };

let state: PageState = NOTHING;
const listeners = new Set<() => void>();

/** Changes a part of the state. Runs only in the browser (effects and event handlers), so that no request sees another's. */
export function updatePageState(part: Partial<PageState>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

/**
 * Says how live the page's data is. `stale` keeps the moment of the first failure until data comes again.
 * @param nowMs the moment of the report
 */
export function reportLive(live: LiveState, nowMs: number): void {
  if (live === state.live) return;
  updatePageState({ live, staleSinceMs: live === "stale" ? (state.staleSinceMs ?? nowMs) : null });
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The state as the top bar sees it; on the server, nothing is known yet. */
export function usePageState(): PageState {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => NOTHING,
  );
}
