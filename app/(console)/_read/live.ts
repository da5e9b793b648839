"use client";

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { reportLive } from "@/components/shell/page-state";
import { StreamMessage } from "@/lib/contracts/stream";

/** A planned reconnect takes about two seconds; only a longer one is worth a word. */
const QUIET_MS = 4_000;
const STALE_MS = 20_000;

let users = 0;
let source: EventSource | null = null;
let live = false;
let timers: ReturnType<typeof setTimeout>[] = [];
const watchers = new Set<() => void>();

function setLive(next: boolean): void {
  if (live === next) return;
  live = next;
  for (const watcher of watchers) watcher();
}

function forgetTimers(): void {
  for (const timer of timers) clearTimeout(timer);
  timers = [];
}

function onOpen(): void {
  forgetTimers();
  setLive(true);
  reportLive("live", Date.now());
}

function onTrouble(): void {
  if (timers.length > 0) return;
  const since = Date.now();
  timers = [
    setTimeout(() => {
      setLive(false);
      reportLive("reconnecting", since);
    }, QUIET_MS),
    setTimeout(() => reportLive("stale", since), STALE_MS),
  ];
}

function onMessage(text: string, queryClient: QueryClient): void {
  const message = StreamMessage.safeParse(JSON.parse(text));
  if (!message.success) return;
  const { topics, storeAnswers } = message.data;
  if (storeAnswers) onOpen();
  else {
    setLive(false);
    reportLive("stale", Date.now());
  }
  const all = topics.includes("all");
  if (topics.length === 0) return;
  void queryClient.invalidateQueries({
    predicate: ({ meta }) => {
      const own = meta?.["topics"];
      return (
        Array.isArray(own) && own.length > 0 && (all || own.some((topic) => topics.includes(topic)))
      );
    },
  });
}

function open(queryClient: QueryClient): void {
  source = new EventSource("/api/v1/stream");
  source.addEventListener("open", onOpen);
  source.addEventListener("message", (event: MessageEvent<string>) =>
    onMessage(event.data, queryClient),
  );
  source.addEventListener("error", () => {
    onTrouble();
    // A refused connection is closed for good: come back while the page is open.
    if (source?.readyState === EventSource.CLOSED)
      timers.push(
        setTimeout(() => {
          if (users > 0) open(queryClient);
        }, STALE_MS),
      );
  });
}

function close(): void {
  source?.close();
  source = null;
  forgetTimers();
  setLive(false);
  reportLive("idle", Date.now());
}

/** Follows the server's live messages while the component is mounted; one connection for the tab, however many follow. */
export function useLive(): void {
  const queryClient = useQueryClient();
  // The connection is the external system.
  useEffect(() => {
    users += 1;
    if (source === null) open(queryClient);
    return () => {
      users -= 1;
      // The next page mounts right after this one leaves; the connection is kept for it.
      setTimeout(() => {
        if (users === 0 && source !== null) close();
      }, 500);
    };
  }, [queryClient]);
}

/** Whether live messages come in now. */
export function useIsLive(): boolean {
  return useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => live,
    () => false,
  );
}
