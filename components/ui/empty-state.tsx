import type { ReactNode } from "react";
import { type StepLine, StepList } from "@/components/ui/step-list";

/** Nothing is here yet: what is true, one sentence, one main button, and the steps done and to come. */
export function EmptyState({
  title,
  sentence,
  actions,
  steps,
  stepsLabel = "Steps",
  aside,
  level = 2,
}: {
  title: string;
  sentence?: ReactNode | undefined;
  actions?: ReactNode | undefined;
  steps?: readonly StepLine[] | undefined;
  stepsLabel?: string;
  /** What is known already, at the right. */
  aside?: ReactNode | undefined;
  level?: 1 | 2;
}) {
  const Heading = level === 1 ? "h1" : "h2";
  return (
    <div className="flex flex-wrap gap-x-18 gap-y-10 px-4 py-10 max-sm:py-6">
      <div className="w-140 max-w-full">
        <Heading className="type-figure">{title}</Heading>
        {sentence !== undefined && (
          <p className="type-prose mt-1.5 max-w-126 text-ink-2">{sentence}</p>
        )}
        {actions !== undefined && (
          <div className="mt-4 flex flex-wrap items-center gap-2">{actions}</div>
        )}
        {steps !== undefined && (
          <div className="mt-6">
            <StepList lines={steps} label={stepsLabel} />
          </div>
        )}
      </div>
      {aside !== undefined && <div className="max-w-full min-w-60">{aside}</div>}
    </div>
  );
}
