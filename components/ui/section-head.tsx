import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

/**
 * The head of a section: name, one fact, actions at the right, 32 px.
 * @param rule the line above it: `same` subject, a `new` subject (stronger), or `none` where the pane begins
 * @param level of the heading in the document
 */
export function SectionHead({
  name,
  fact,
  actions,
  rule = "same",
  level = 2,
  id,
  className,
}: {
  name: ReactNode;
  fact?: ReactNode | undefined;
  actions?: ReactNode | undefined;
  rule?: "none" | "same" | "new";
  level?: 2 | 3;
  id?: string | undefined;
  className?: string | undefined;
}) {
  const Heading = level === 2 ? "h2" : "h3";
  return (
    <div
      className={cn(
        "flex min-h-8 flex-wrap items-center gap-x-2 px-4",
        rule === "same" && "border-t border-line",
        rule === "new" && "border-t border-line-2",
        className,
      )}
    >
      <Heading id={id} className="type-section">
        {name}
      </Heading>
      {fact !== undefined && <span className="type-small text-ink-3">{fact}</span>}
      {actions !== undefined && (
        <div className="type-small ml-auto flex items-center gap-2 max-sm:min-h-11">{actions}</div>
      )}
    </div>
  );
}
