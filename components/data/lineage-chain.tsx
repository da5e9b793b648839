import type { ReactNode } from "react";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export interface LineageStep {
  id: string;
  icon: IconName;
  title: ReactNode;
  detail?: ReactNode | undefined;
}

/** Where a value comes from, from the value down to the row: value, version, run, object, row, joined by a line. */
export function LineageChain({ steps, label }: { steps: readonly LineageStep[]; label: string }) {
  return (
    <ol aria-label={label} className="px-4">
      {steps.map((step, index) => (
        <li key={step.id} className="relative flex gap-2.5 pb-2">
          {index < steps.length - 1 && (
            <span aria-hidden className="absolute top-5 bottom-0 left-1.75 w-px bg-line-2" />
          )}
          <Icon name={step.icon} size={15} className="mt-0.5 bg-surface text-ink-3" />
          <div className="min-w-0 flex-1">
            <div className="type-base flex flex-wrap items-center gap-x-2 font-medium [overflow-wrap:anywhere]">
              {step.title}
            </div>
            {step.detail !== undefined && (
              <div className="type-small flex flex-wrap items-center gap-x-1.5 text-ink-3">
                {step.detail}
              </div>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Whether the stored version is what the raw line says. */
export function HashProof({ matches }: { matches: boolean }) {
  return (
    <span
      className={cn(
        "type-small inline-flex items-center gap-1 font-normal",
        matches ? "text-good" : "font-medium text-bad",
      )}
    >
      <Icon name={matches ? "circle-check" : "circle-x"} size={12} />
      {matches ? "hash matches the stored version" : "hash does not match the stored version"}
    </span>
  );
}
