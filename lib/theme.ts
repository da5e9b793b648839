/** The three choices of the theme switch. `system` follows the browser and is what a new person gets. */
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const THEME_COOKIE = "avesa-theme";
export const ZONE_COOKIE = "avesa-zone";
export const NAV_COOKIE = "avesa-nav";
export const SHORTCUTS_COOKIE = "avesa-shortcuts";

/** Reads the theme cookie; anything unknown is `system`. */
export function parseTheme(value: string | undefined): Theme {
  return THEMES.find((theme) => theme === value) ?? "system";
}

/**
 * Reads the zone cookie.
 * @returns the IANA zone when this platform knows it, else `UTC`
 */
export function parseZone(value: string | undefined): string {
  if (value === undefined || value === "") return "UTC";
  try {
    return Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
