import type { ReactNode } from "react";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";

export interface StepLine {
  id: string;
  icon: IconName;
  /** Colour of the icon, when it says something. */
  tone?: "good" | "bad" | "warn" | "accent" | "quiet" | undefined;
  name: string;
  fact: ReactNode;
  /** The step to take now. */
  current?: boolean | undefined;
}

const TONES = {
  good: "text-good",
  bad: "text-bad",
  warn: "text-warn",
  accent: "text-accent",
  quiet: "text-ink-3",
} as const;

/** Ruled lines of icon, name and fact: the steps done and to come, or what works and what does not. */
export function StepList({ lines, label }: { lines: readonly StepLine[]; label: string }) {
  return (
    <ol aria-label={label} className="border-t border-line">
      {lines.map((line) => (
        <li
          key={line.id}
          aria-current={line.current === true ? "step" : undefined}
          className={cn(
            "type-base relative flex min-h-10 items-center gap-4 border-b border-line py-1.5",
            line.current === true &&
              "bg-accent-tint shadow-[-8px_0_0_var(--accent-tint),8px_0_0_var(--accent-tint)]",
          )}
        >
          <Icon name={line.icon} className={TONES[line.tone ?? "quiet"]} />
          <span
            className={cn(
              "w-36 shrink-0 font-medium max-sm:w-28",
              line.tone === "quiet" && "text-ink-3",
            )}
          >
            {line.name}
          </span>
          <span className={cn("min-w-0 text-ink-3", line.current === true && "text-ink-2")}>
            {line.fact}
          </span>
        </li>
      ))}
    </ol>
  );
}
