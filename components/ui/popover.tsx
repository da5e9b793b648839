"use client";

import { Popover as Base } from "@base-ui/react/popover";
import type { ReactElement, ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A small panel anchored to its trigger. */
export function Popover({
  trigger,
  title,
  children,
  align = "start",
  className,
  open,
  onOpenChange,
}: {
  trigger: ReactElement;
  title?: string | undefined;
  children: ReactNode;
  align?: "start" | "center" | "end";
  className?: string | undefined;
  /** Both or none: without them it keeps itself whether it is open. */
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
}) {
  return (
    <Base.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined ? {} : { onOpenChange: (next) => onOpenChange(next) })}
    >
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} align={align} className="z-30 outline-none">
          <Base.Popup
            className={cn(
              "max-w-[calc(100vw-2rem)] rounded-dialog border border-float-line bg-float p-3 text-ink shadow-float outline-none transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0",
              className,
            )}
          >
            {title !== undefined && <Base.Title className="type-section mb-2">{title}</Base.Title>}
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
