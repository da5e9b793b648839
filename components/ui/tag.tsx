import type { ReactNode } from "react";
import { HUE_TAG } from "@/components/ui/hue";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import type { Hue } from "@/lib/status";

/** A tinted word, 20 px high. A status tag stands once on a page, beside its title. */
export function Tag({
  hue = "neutral",
  icon,
  turning = false,
  children,
  className,
}: {
  hue?: Hue;
  icon?: IconName | undefined;
  turning?: boolean;
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <span
      className={cn(
        "type-small inline-flex min-h-5 shrink-0 items-center gap-1.25 rounded-tag px-1.5 font-medium whitespace-nowrap",
        HUE_TAG[hue],
        className,
      )}
    >
      {icon && <Icon name={icon} turning={turning} />}
      {children}
    </span>
  );
}

/** An outlined word without a hue, for facts such as `current`. */
export function OutlineTag({
  children,
  className,
}: {
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <span
      className={cn(
        "type-small inline-flex min-h-5 shrink-0 items-center rounded-tag border border-line-2 px-1.5 text-ink",
        className,
      )}
    >
      {children}
    </span>
  );
}
