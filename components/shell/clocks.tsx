"use client";

import { useSyncExternalStore } from "react";
import { cn } from "@/lib/cn";
import { formatClock, formatClockSeconds, zoneName } from "@/lib/time";

const listeners = new Set<() => void>();
let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;

/** One clock for the whole page, ticking once a second while somebody looks at it. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) {
    nowMs = Date.now();
    timer = setInterval(() => {
      nowMs = Date.now();
      for (const each of listeners) each();
    }, 1000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/**
 * The present moment, moving once a second in the browser.
 * @param serverNowMs what the server's clock said when it drew the page; used until the browser takes over
 */
export function useNow(serverNowMs: number): number {
  return useSyncExternalStore(
    subscribe,
    () => (nowMs === 0 ? serverNowMs : nowMs),
    () => serverNowMs,
  );
}

export interface ClockZones {
  /** The person's own zone. */
  mine: string;
  /** The zone of the tenant in scope. */
  tenant?: string | undefined;
}

function zonesOf({ mine, tenant }: ClockZones): string[] {
  return [...new Set([mine, "UTC", ...(tenant === undefined ? [] : [tenant])])];
}

/** The clocks of the top bar: mine with seconds, UTC, and the tenant's when one is in scope. */
export function Clocks({ zones, serverNowMs }: { zones: ClockZones; serverNowMs: number }) {
  const now = useNow(serverNowMs);
  return (
    <dl className="flex gap-4 border-l border-line pl-3 max-md:hidden" aria-label="Clocks">
      {zonesOf(zones).map((zone, index) => (
        <div key={zone} className="flex flex-col-reverse">
          <dt className="type-micro leading-3 text-ink-3">{zoneName(zone)}</dt>
          <dd className="type-small leading-3.5 font-medium text-ink" suppressHydrationWarning>
            {index === 0 ? formatClockSeconds(now, zone) : formatClock(now, zone)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** The same as one bar under the top bar, for small screens. */
export function ClockBar({ zones, serverNowMs }: { zones: ClockZones; serverNowMs: number }) {
  const now = useNow(serverNowMs);
  return (
    <div className="type-micro flex min-h-6 items-center gap-3 border-b border-line bg-sunken px-4 text-ink-3 sm:hidden">
      {zonesOf(zones).map((zone, index) => (
        <span key={zone} className={cn(index === 0 && "text-ink-2")} suppressHydrationWarning>
          {index === 0 ? formatClockSeconds(now, zone) : formatClock(now, zone)} {zoneName(zone)}
        </span>
      ))}
    </div>
  );
}
