"use client";

import { useNow } from "@/components/shell/clocks";
import { formatClockSeconds, zoneName } from "@/lib/time";

/** The time here and in UTC, in words of one line. */
export function SignInClock({ timeZone, serverNowMs }: { timeZone: string; serverNowMs: number }) {
  const now = useNow(serverNowMs);
  return (
    <span suppressHydrationWarning>
      {timeZone === "UTC" ? "" : `${formatClockSeconds(now, timeZone)} ${zoneName(timeZone)}, `}
      {formatClockSeconds(now, "UTC")} UTC
    </span>
  );
}
