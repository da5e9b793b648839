import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { inter, interExtended, jetbrains, jetbrainsExtended } from "@/app/fonts";
import { Providers } from "@/app/providers";
import { parseTheme, THEME_COOKIE, ZONE_COOKIE } from "@/lib/theme";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "AVESA data movement", template: "%s – AVESA data movement" },
  description: "Moves customer records into ClickHouse as history, and shows how that is going.",
  icons: { icon: [{ url: "/mark.svg", type: "image/svg+xml" }, { url: "/favicon.ico" }] },
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  colorScheme: "light dark",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#13181a" },
  ],
};

/** Reading the cookie here makes every page dynamic, which the nonce of the Content-Security-Policy needs anyway. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const jar = await cookies();
  const theme = parseTheme(jar.get(THEME_COOKIE)?.value);
  const fonts = [inter, interExtended, jetbrains, jetbrainsExtended]
    .map((font) => font.variable)
    .join(" ");
  return (
    <html lang="en" className={fonts} data-theme={theme === "system" ? undefined : theme}>
      <body>
        <Providers zoneCookie={jar.get(ZONE_COOKIE)?.value ?? null}>{children}</Providers>
      </body>
    </html>
  );
}
