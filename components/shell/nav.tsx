"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { Brand } from "@/components/shell/mark";
import { PLACES, type Place, placeOf } from "@/components/shell/places";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatCount, formatShort } from "@/lib/format";

export type NavCounts = Partial<Record<Place["id"], number>>;

/** A line at the foot of the nav: what stands behind the console, and whether it answers. */
export interface NavSign {
  id: string;
  icon: IconName;
  text: string;
  bad?: boolean | undefined;
}

/** Above this a count would not fit beside its place's name; the page it leads to says it whole. */
const MOST_DIGITS = 99_999;

function inRoom(count: number | undefined): string {
  return count !== undefined && count > MOST_DIGITS ? formatShort(count) : formatCount(count);
}

/**
 * The nav: places with live counts, signs and the person at the foot. Wide it is 184 px, folded 48 with icons only; between 960 and 1279 px it
 * is always folded.
 */
export function Nav({
  counts,
  signs,
  folded,
  foot,
  onNavigate,
  inDrawer = false,
}: {
  counts: NavCounts;
  signs: readonly NavSign[];
  folded: boolean;
  /** The person's menu. */
  foot: ReactNode;
  onNavigate?: (() => void) | undefined;
  /** True in the small screen's drawer: never folded, rows 44 px high. */
  inDrawer?: boolean;
}) {
  const current = placeOf(usePathname());
  const hideText = inDrawer ? "" : folded ? "sr-only" : "max-lg:sr-only";

  const row = (place: Place) => (
    <li key={place.id}>
      <Link
        href={place.href}
        aria-current={current === place.id ? "page" : undefined}
        title={place.label}
        {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
        className={cn(
          "type-base flex min-h-7 items-center gap-2 rounded-control border px-2 transition-colors duration-120 ease-out",
          inDrawer && "min-h-11",
          current === place.id
            ? "border-line bg-surface font-medium text-ink"
            : "border-transparent text-ink-2 hover:bg-hover hover:text-ink",
        )}
      >
        <Icon
          name={place.icon}
          size={15}
          className={current === place.id ? "text-accent" : "text-ink-2"}
        />
        <span className={cn("flex-1", hideText)}>{place.label}</span>
        {counts[place.id] !== undefined && (
          <span
            className={cn(
              "font-normal whitespace-nowrap",
              current === place.id ? "text-ink-2" : "text-ink-3",
              hideText,
            )}
          >
            {inRoom(counts[place.id])}
          </span>
        )}
      </Link>
    </li>
  );

  return (
    <nav
      aria-label="Console"
      className="flex min-h-0 flex-1 flex-col overflow-y-auto bg-sunken px-1.75"
    >
      <Link
        href="/"
        aria-label="AVESA data movement, fleet"
        {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
        className="flex min-h-11 items-center overflow-hidden pl-2"
      >
        <span className={cn(!inDrawer && (folded ? "hidden" : "max-lg:hidden"))}>
          <Brand small={!inDrawer} />
        </span>
        {!inDrawer && (
          <span className={cn(folded ? "" : "lg:hidden")}>
            <Brand folded />
          </span>
        )}
      </Link>
      <ul>{PLACES.filter((place) => place.section === "main").map(row)}</ul>
      <p className={cn("type-small mt-5 mb-1.5 px-2 text-ink-3", hideText)}>Record</p>
      <ul className={cn(!inDrawer && (folded ? "mt-5" : "max-lg:mt-5"))}>
        {PLACES.filter((place) => place.section === "record").map(row)}
      </ul>
      <div className="mt-auto pt-4 pb-1">
        {signs.length > 0 && (
          <ul className="border-t border-line py-1.5">
            {signs.map((sign) => (
              <li
                key={sign.id}
                title={sign.text}
                className={cn(
                  "type-micro flex min-h-5 items-center gap-1.5 px-2",
                  sign.bad === true ? "text-bad" : "text-ink-3",
                )}
              >
                <Icon name={sign.icon} size={13} />
                <span className={cn("truncate", hideText)}>{sign.text}</span>
              </li>
            ))}
          </ul>
        )}
        <div className="border-t border-line pt-1">{foot}</div>
      </div>
    </nav>
  );
}
