"use client";

import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactElement, ReactNode, RefObject } from "react";
import { cn } from "@/lib/cn";

/**
 * A dialog, 430 wide: a verb and a count as the title, the consequence, what is needed, and the buttons at the right, the safe one first and
 * focused. Controlled by `open`, or by a trigger of its own.
 */
export function Dialog({
  open,
  onOpenChange,
  trigger,
  title,
  consequence,
  children,
  actions,
  initialFocus,
}: {
  open?: boolean | undefined;
  onOpenChange?: ((open: boolean) => void) | undefined;
  /** The button that opens it, as an element. */
  trigger?: ReactElement | undefined;
  title: string;
  consequence?: ReactNode | undefined;
  children?: ReactNode | undefined;
  /** Safe first. Wrap the safe one in `DialogClose`. */
  actions: ReactNode;
  /** Where focus goes; the first control by default. */
  initialFocus?: RefObject<HTMLElement | null> | undefined;
}) {
  return (
    <Base.Root
      {...(open === undefined ? {} : { open })}
      {...(onOpenChange === undefined
        ? {}
        : { onOpenChange: (next: boolean) => onOpenChange(next) })}
    >
      {trigger && <Base.Trigger render={trigger} />}
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-canvas/70 transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0" />
        <Base.Popup
          {...(initialFocus === undefined ? {} : { initialFocus })}
          className={cn(
            "fixed top-1/2 left-1/2 z-40 flex max-h-[calc(100dvh-2rem)] w-107.5 max-w-[calc(100vw-2rem)] -translate-x-1/2 -translate-y-1/2 flex-col overflow-hidden",
            "rounded-dialog border border-float-line bg-float text-ink shadow-float outline-none",
            "transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0",
          )}
        >
          <div className="flex min-h-0 flex-col gap-1.5 overflow-y-auto p-4">
            <Base.Title className="type-title">{title}</Base.Title>
            {consequence !== undefined && (
              <Base.Description className="type-base text-ink-2">{consequence}</Base.Description>
            )}
            {children !== undefined && <div className="mt-2.5 grid gap-3">{children}</div>}
          </div>
          <div className="flex flex-wrap justify-end gap-2 border-t border-line-2 bg-canvas px-4 py-2.5">
            {actions}
          </div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Closes the dialog it stands in; draws the element it is given. */
export function DialogClose({ render }: { render: ReactElement }) {
  return <Base.Close render={render} />;
}
