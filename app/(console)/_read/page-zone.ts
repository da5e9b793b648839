import "server-only";
import { cookies } from "next/headers";
import { parseZone, ZONE_COOKIE } from "@/lib/theme";

/** The time zone of whoever asks for the page, IANA. */
export async function pageZone(): Promise<string> {
  return parseZone((await cookies()).get(ZONE_COOKIE)?.value);
}
