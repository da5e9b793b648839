"use client";

import { usePageState } from "@/components/shell/page-state";
import { Icon } from "@/components/ui/icon";
import { assertNever } from "@/lib/assert-never";
import { formatClock } from "@/lib/time";

/** How live the page is: Live, Reconnecting, Stale since. A page that follows nothing shows no chip. */
export function LiveChip({ timeZone }: { timeZone: string }) {
  const { live, staleSinceMs } = usePageState();
  return (
    <span
      role="status"
      className="type-base flex items-center gap-1.5 whitespace-nowrap text-ink-2"
    >
      {chip(live, staleSinceMs, timeZone)}
    </span>
  );
}

function chip(
  live: ReturnType<typeof usePageState>["live"],
  staleSinceMs: number | null,
  timeZone: string,
) {
  switch (live) {
    case "idle":
      return null;
    case "live":
      return (
        <>
          <span aria-hidden data-bar className="size-1.75 rounded-full bg-good-solid" />
          Live
        </>
      );
    case "reconnecting":
      return (
        <>
          <Icon name="rotate-cw" className="text-warn" />
          Reconnecting
        </>
      );
    case "stale":
      return (
        <span className="flex items-center gap-1.5 font-medium text-bad">
          <Icon name="unplug" />
          {staleSinceMs === null ? "Stale" : `Stale since ${formatClock(staleSinceMs, timeZone)}`}
        </span>
      );
    default:
      return assertNever(live);
  }
}
