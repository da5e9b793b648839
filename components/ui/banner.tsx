import type { ReactNode } from "react";
import { HUE_TAG, HUE_TEXT } from "@/components/ui/hue";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import type { Hue } from "@/lib/status";

/** One line over the page, 36 px: stale data, or something that holds for everything below it. */
export function Banner({
  hue,
  icon,
  strong,
  children,
  actions,
}: {
  hue: Hue;
  icon: IconName;
  /** The first words, in weight. */
  strong?: string | undefined;
  children: ReactNode;
  actions?: ReactNode | undefined;
}) {
  return (
    <div
      role={hue === "bad" ? "alert" : "status"}
      className={cn(
        "type-base flex min-h-9 flex-wrap items-center gap-x-2 border-b border-line px-4 py-1.5",
        HUE_TAG[hue],
      )}
    >
      <Icon name={icon} className={HUE_TEXT[hue]} />
      <p className="min-w-0 flex-1 text-ink">
        {strong !== undefined && <strong className="mr-1.5 font-semibold">{strong}</strong>}
        {children}
      </p>
      {actions}
    </div>
  );
}
