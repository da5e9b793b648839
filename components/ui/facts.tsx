import type { ReactNode } from "react";
import { cn } from "@/lib/cn";

export interface Fact {
  name: string;
  value: ReactNode;
  mono?: boolean | undefined;
}

/** Names and values in two columns: where something came from, what it is made of. */
export function Facts({
  facts,
  className,
}: {
  facts: readonly Fact[];
  className?: string | undefined;
}) {
  return (
    <dl
      className={cn(
        "type-small grid grid-cols-[max-content_minmax(0,1fr)] gap-x-3 gap-y-1",
        className,
      )}
    >
      {facts.map((fact) => (
        <div key={fact.name} className="contents">
          <dt className="text-ink-3">{fact.name}</dt>
          <dd
            className={cn(
              "min-w-0 [overflow-wrap:anywhere]",
              fact.mono === true && "type-mono leading-4",
            )}
          >
            {fact.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
