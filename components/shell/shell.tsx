"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import Link from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { type ReactNode, useState, useSyncExternalStore } from "react";
import { ClockBar, Clocks } from "@/components/shell/clocks";
import { CommandPalette } from "@/components/shell/command-palette";
import { writeCookie } from "@/components/shell/cookies";
import { LiveChip } from "@/components/shell/live-chip";
import { Nav, type NavCounts, type NavSign } from "@/components/shell/nav";
import { usePageState } from "@/components/shell/page-state";
import { type Person, PersonMenu } from "@/components/shell/person-menu";
import { type Crumb, crumbsOf, parentOf, PLACES, tenantOf } from "@/components/shell/places";
import { ScopeSwitcher, type ScopeTenant } from "@/components/shell/scope-switcher";
import { useShortcut } from "@/components/shell/shortcuts";
import { ShortcutSheet } from "@/components/shell/shortcut-sheet";
import { SkipLink } from "@/components/shell/skip-link";
import { Icon } from "@/components/ui/icon";
import { Kbd } from "@/components/ui/kbd";
import { cn } from "@/lib/cn";
import { NAV_COOKIE, type Theme } from "@/lib/theme";

export interface ShellProps {
  person: Person;
  /** The tenants that this person may see. */
  tenants: readonly ScopeTenant[];
  counts: NavCounts;
  signs: readonly NavSign[];
  theme: Theme;
  /** The person's zone, IANA. */
  timeZone: string;
  /** The server's clock when it drew the page, ms since the epoch. */
  serverNowMs: number;
  /** Whether the nav was folded when last seen. */
  navFolded: boolean;
  onSignOut: () => void;
  children: ReactNode;
}

/** The frame around every page of the console: nav, scope, crumbs, palette, live chip, clocks. The frame stands still; panes scroll. */
export function Shell({
  person,
  tenants,
  counts,
  signs,
  theme,
  timeZone,
  serverNowMs,
  navFolded,
  onSignOut,
  children,
}: ShellProps) {
  const pathname = usePathname();
  const params = useSearchParams();
  const router = useRouter();
  const page = usePageState();
  const [folded, setFolded] = useState(navFolded);
  const [drawer, setDrawer] = useState(false);
  const [palette, setPalette] = useState(false);
  const [sheet, setSheet] = useState(false);
  const ready = useHydrated();

  const tenantId = tenantOf(pathname, params.get("tenant")) ?? page.tenantId;
  const tenant = tenants.find((candidate) => candidate.id === tenantId) ?? null;
  const zones = { mine: timeZone, tenant: tenant?.timeZone };

  useShortcut({ keys: "[", label: "Fold or unfold the nav", group: "Anywhere" }, () => {
    setFolded(!folded);
    writeCookie(NAV_COOKIE, folded ? "wide" : "folded");
  });
  useShortcut({ keys: "/", label: "Filter", group: "On this page" }, () => {
    document.querySelector<HTMLInputElement>("main input[type=search]")?.focus();
  });
  useShortcut({ keys: "Escape", label: "Back", group: "On this page" }, () => {
    const parent = parentOf(pathname);
    if (parent !== null) router.push(parent);
  });

  const menu = (textClass?: string) => (
    <PersonMenu
      person={person}
      theme={theme}
      onShortcuts={() => setSheet(true)}
      onSignOut={onSignOut}
      textClass={textClass}
    />
  );

  return (
    <div
      className={cn(
        "grid min-h-dvh grid-cols-[minmax(0,1fr)] sm:grid-cols-[48px_minmax(0,1fr)] md:h-dvh",
        !folded && "lg:grid-cols-[184px_minmax(0,1fr)]",
      )}
    >
      <SkipLink />
      {PLACES.map((place) => (
        <GoShortcut key={place.id} keys={`g ${place.key}`} label={place.label} href={place.href} />
      ))}
      <div className="sticky top-0 flex h-dvh min-h-0 flex-col border-r border-line max-sm:hidden">
        <Nav
          counts={counts}
          signs={signs}
          folded={folded}
          foot={menu(folded ? "sr-only" : "max-lg:sr-only")}
        />
      </div>

      <div className="flex min-h-0 min-w-0 flex-col">
        <header className="contents">
          <div className="sticky top-0 z-20 flex min-h-11 items-center gap-2 border-b border-line bg-surface px-4 max-sm:min-h-12 max-sm:px-2">
            <button
              type="button"
              onClick={() => setDrawer(true)}
              aria-label="Menu"
              className="inline-flex size-11 shrink-0 items-center justify-center sm:hidden"
            >
              <Icon name="menu" size={16} />
            </button>
            <ScopeSwitcher tenants={tenants} current={tenant} />
            <Crumbs crumbs={crumbsOf(pathname, page.crumb)} />
            <div className="ml-auto flex shrink-0 items-center gap-3">
              <button
                type="button"
                onClick={() => setPalette(true)}
                className="flex min-h-7 w-52 items-center gap-2 rounded-control border border-line-2 px-2 text-ink-3 transition-colors duration-120 ease-out hover:bg-hover max-md:w-auto max-sm:order-last max-sm:size-11 max-sm:justify-center max-sm:border-transparent max-sm:px-0"
              >
                <Icon name="search" className="max-sm:size-4 max-sm:text-ink" />
                <span className="max-md:sr-only">Find or run</span>
                <Kbd className="ml-auto max-md:hidden">⌘K</Kbd>
              </button>
              <LiveChip timeZone={timeZone} />
              <Clocks zones={zones} serverNowMs={serverNowMs} />
            </div>
          </div>
          <ClockBar zones={zones} serverNowMs={serverNowMs} />
        </header>
        <main
          id="main"
          tabIndex={-1}
          data-ready={ready}
          className="flex min-h-0 flex-1 flex-col outline-none"
        >
          {children}
        </main>
      </div>

      <Base.Root open={drawer} onOpenChange={(next) => setDrawer(next)}>
        <Base.Portal>
          <Base.Backdrop className="fixed inset-0 z-40 bg-canvas/70" />
          <Base.Popup
            aria-label="Menu"
            className="fixed inset-y-0 left-0 z-40 flex w-72 max-w-[85vw] flex-col border-r border-line-2 bg-sunken outline-none"
          >
            <Nav
              counts={counts}
              signs={signs}
              folded={false}
              inDrawer
              foot={menu()}
              onNavigate={() => setDrawer(false)}
            />
          </Base.Popup>
        </Base.Portal>
      </Base.Root>
      <CommandPalette open={palette} onOpenChange={setPalette} tenants={tenants} />
      <ShortcutSheet open={sheet} onOpenChange={setSheet} />
    </div>
  );
}

function GoShortcut({ keys, label, href }: { keys: string; label: string; href: string }) {
  const router = useRouter();
  useShortcut({ keys, label, group: "Go to" }, () => router.push(href));
  return null;
}

function Crumbs({ crumbs }: { crumbs: readonly Crumb[] }) {
  if (crumbs.length === 0) return null;
  return (
    <nav aria-label="Where you are" className="min-w-0 max-sm:hidden">
      <ol className="flex min-w-0 items-center">
        {crumbs.map((crumb) => (
          <li key={crumb.label} className="flex min-w-0 items-center">
            <Icon name="chevron-right" className="mx-1.5 text-ink-3" />
            {crumb.href === undefined ? (
              <span
                aria-current="page"
                className={cn(
                  "truncate text-ink",
                  crumb.mono === true ? "type-mono font-semibold" : "font-semibold",
                )}
              >
                {crumb.label}
              </span>
            ) : (
              <Link
                href={crumb.href}
                className="truncate text-ink-2 underline-offset-2 hover:underline"
              >
                {crumb.label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** False in the server's drawing, true once the browser has taken over. Tests wait for it. */
function useHydrated(): boolean {
  return useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  );
}
