"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { writeCookie } from "@/components/shell/cookies";
import { ZONE_COOKIE } from "@/lib/theme";

/**
 * Tells the server the browser's time zone, which no request carries. On the first visit the page was drawn in UTC and is asked for once more.
 * @param zoneCookie what the server knew when it drew the page
 */
export function ZoneSync({ zoneCookie }: { zoneCookie: string | null }) {
  const router = useRouter();
  // The browser's zone is the external system.
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    if (zone === zoneCookie) return;
    writeCookie(ZONE_COOKIE, zone);
    router.refresh();
  }, [zoneCookie, router]);
  return null;
}
