"use client";

import { Menu as Base } from "@base-ui/react/menu";
import Link from "next/link";
import type { ReactElement } from "react";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export interface MenuEntry {
  id: string;
  label: string;
  icon?: IconName | undefined;
  hint?: string | undefined;
  checked?: boolean | undefined;
  danger?: boolean | undefined;
  /** Why it cannot be chosen now. */
  offReason?: string | undefined;
  /** Where it goes; with `onChoose` instead it does something. */
  href?: string | undefined;
  onChoose?: (() => void) | undefined;
}

export interface MenuSection {
  id: string;
  label?: string | undefined;
  entries: readonly MenuEntry[];
}

const ITEM =
  "type-base flex min-h-7 cursor-default items-center gap-2 px-3 text-ink outline-none select-none data-highlighted:bg-accent-tint data-disabled:text-ink-3 max-sm:min-h-11";

/** A menu of links and commands under a trigger. */
export function Menu({
  trigger,
  sections,
  align = "start",
  className,
}: {
  trigger: ReactElement;
  sections: readonly MenuSection[];
  align?: "start" | "center" | "end";
  className?: string | undefined;
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-30 outline-none">
          <Base.Popup
            className={cn(
              "scroll-quiet max-h-[min(60dvh,var(--available-height))] min-w-44 overflow-y-auto rounded-control border border-float-line bg-float py-1 shadow-float outline-none transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0",
              className,
            )}
          >
            {sections.map((section, index) => (
              <Base.Group
                key={section.id}
                className={cn(index > 0 && "mt-1 border-t border-line pt-1")}
              >
                {section.label !== undefined && (
                  <Base.GroupLabel className="type-small px-3 py-1 text-ink-3">
                    {section.label}
                  </Base.GroupLabel>
                )}
                {section.entries.map((entry) => (
                  <Base.Item
                    key={entry.id}
                    disabled={entry.offReason !== undefined}
                    className={cn(ITEM, entry.danger === true && "text-bad")}
                    {...(entry.href === undefined ? {} : { render: <Link href={entry.href} /> })}
                    {...(entry.onChoose === undefined ? {} : { onClick: entry.onChoose })}
                  >
                    {entry.icon && (
                      <Icon
                        name={entry.icon}
                        className={entry.danger === true ? "" : "text-ink-2"}
                      />
                    )}
                    {entry.label}
                    <span className="type-small ml-auto flex items-center gap-2 pl-4 text-ink-3">
                      {entry.offReason ?? entry.hint}
                      {entry.checked === true && <Icon name="check" className="text-accent" />}
                    </span>
                  </Base.Item>
                ))}
              </Base.Group>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
