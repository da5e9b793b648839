"use client";

import { Tooltip as Base } from "@base-ui/react/tooltip";
import type { ReactElement, ReactNode } from "react";

/**
 * A few lines on hover and on focus. The trigger must be something that can hold focus and must say the essential by itself: a tooltip adds the
 * exact value, the full name, the three clocks.
 */
export function Tooltip({ trigger, children }: { trigger: ReactElement; children: ReactNode }) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} className="z-30">
          <Base.Popup className="type-small max-w-80 rounded-control border border-float-line bg-float px-2 py-1.5 text-ink shadow-float transition-opacity duration-160 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
