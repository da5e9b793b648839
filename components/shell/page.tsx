import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/** A page inside the frame: a column that fills it. */
export function Page({ children }: { children: ReactNode }) {
  return <div className="flex flex-col md:min-h-0 md:flex-1">{children}</div>;
}

/** Panes side by side, split by vertical rules. Under 1280 px the right ones go below; under 960 the page scrolls as one column. */
export function Panes({
  children,
  className,
}: {
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <div
      className={cn(
        "flex flex-col md:min-h-0 md:flex-1 md:overflow-y-auto lg:flex-row lg:overflow-hidden",
        className,
      )}
    >
      {children}
    </div>
  );
}

/**
 * One pane, which scrolls by itself on a wide screen.
 * @param name for readers and for the keyboard, since a pane that scrolls must be reachable
 * @param width `main` takes what is left; a number of pixels is kept from 1280 px on
 */
export function Pane({
  name,
  width = "main",
  children,
  className,
}: {
  name: string;
  width?: "main" | "wide" | "side" | "narrow";
  children: ReactNode;
  className?: string | undefined;
}) {
  return (
    <section
      aria-label={name}
      // A region that scrolls must be reachable by keyboard even when it holds no control.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className={cn(
        "focus-inset scroll-quiet min-w-0 border-line-2 max-lg:border-b last:border-0 lg:overflow-y-auto lg:border-r",
        WIDTHS[width],
        className,
      )}
    >
      {children}
    </section>
  );
}

const WIDTHS = {
  main: "lg:flex-1",
  wide: "lg:w-130 lg:shrink-0",
  side: "lg:w-97 xl:w-120 lg:shrink-0",
  narrow: "lg:w-74 lg:shrink-0",
} as const;
