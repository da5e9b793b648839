import Link from "next/link";
import type { ReactNode } from "react";
import { HUE_TEXT } from "@/components/ui/hue";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import type { Hue } from "@/lib/status";

interface FilterChipBase {
  on: boolean;
  icon?: IconName | undefined;
  hue?: Hue | undefined;
  /** How many the filter would show. */
  count?: number | undefined;
  children: ReactNode;
}

const CHIP =
  "touch type-small inline-flex min-h-6 shrink-0 items-center gap-1.5 rounded-control border px-2 whitespace-nowrap transition-colors duration-120 ease-out max-sm:min-h-8";

function chipClass(on: boolean): string {
  return cn(
    CHIP,
    on
      ? "border-accent bg-accent-tint text-ink"
      : "border-line-2 bg-surface text-ink-2 hover:bg-hover",
  );
}

function ChipContent({ on, icon, hue, count, children }: FilterChipBase) {
  return (
    <>
      {icon && <Icon name={icon} className={hue && HUE_TEXT[hue]} />}
      <span className={cn(hue && !on && HUE_TEXT[hue])}>{children}</span>
      {count !== undefined && <span className="font-semibold text-ink">{formatCount(count)}</span>}
    </>
  );
}

/** A filter that is on or off, as a button. */
export function FilterChip({ onToggle, ...chip }: FilterChipBase & { onToggle: () => void }) {
  return (
    <button type="button" aria-pressed={chip.on} onClick={onToggle} className={chipClass(chip.on)}>
      <ChipContent {...chip} />
    </button>
  );
}

/** The same as a link: the URL owns the filter. `aria-current` says that it is on. */
export function FilterChipLink({ href, ...chip }: FilterChipBase & { href: string }) {
  return (
    <Link
      href={href}
      scroll={false}
      aria-current={chip.on ? "true" : undefined}
      className={chipClass(chip.on)}
    >
      <ChipContent {...chip} />
    </Link>
  );
}

/** A filter in force that can be taken away: `source is ConnectWise ×`. */
export function AppliedFilter({
  href,
  label,
  children,
}: {
  href: string;
  label: string;
  children: ReactNode;
}) {
  return (
    <span className="type-small inline-flex min-h-6 shrink-0 items-center gap-1.5 rounded-control border border-line-2 pl-2 text-ink-2">
      <Icon name="filter" className="text-ink-3" />
      {children}
      <Link
        href={href}
        scroll={false}
        aria-label={`Take away the filter ${label}`}
        className="touch inline-flex min-h-6 w-6 items-center justify-center rounded-control text-ink-2 hover:text-ink"
      >
        <Icon name="x" size={12} />
      </Link>
    </span>
  );
}

/** A row of chips. It scrolls sideways when it must, and its end is cut so that one sees it go on. */
export function FilterRow({
  label,
  children,
  className,
}: {
  label: string;
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <div
      role="group"
      aria-label={label}
      className={cn(
        "flex items-center gap-2 max-sm:-mx-4 max-sm:overflow-x-auto max-sm:px-4 max-sm:py-1.5 max-sm:[scrollbar-width:none]",
        className,
      )}
    >
      {children}
    </div>
  );
}
