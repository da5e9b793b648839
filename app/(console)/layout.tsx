import { cookies } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { ConsoleShell } from "@/app/(console)/console-shell";
import { navContract } from "@/lib/contracts/nav";
import { NAV_COOKIE, parseTheme, parseZone, THEME_COOKIE, ZONE_COOKIE } from "@/lib/theme";
import { readNav } from "@/server/analytics/nav";
import { currentActor } from "@/server/auth/session";

/** The frame of every signed-in page. Whoever has no session is sent to sign in; each page and each read checks again for itself. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const [jar, actor] = await Promise.all([cookies(), currentActor()]);
  if (actor === null) redirect("/login");
  return (
    <Prefetched reads={[prefetch(navContract, {}, () => readNav())]}>
      <ConsoleShell
        person={{ name: actor.displayName, email: actor.username, role: actor.role }}
        theme={parseTheme(jar.get(THEME_COOKIE)?.value)}
        timeZone={parseZone(jar.get(ZONE_COOKIE)?.value)}
        serverNowMs={Date.now()}
        navFolded={jar.get(NAV_COOKIE)?.value === "folded"}
      >
        {children}
      </ConsoleShell>
    </Prefetched>
  );
}
