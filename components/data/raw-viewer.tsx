"use client";

import { useState } from "react";
import { rawLines } from "@/components/data/raw-lines";
import { Button } from "@/components/ui/button";
import { cn } from "@/lib/cn";
import { plural } from "@/lib/format";

const FIRST = 200;

export interface RawFault {
  /** The key at fault, as delivered; or the line's number in a text that is not a record. */
  key?: string | undefined;
  line?: number | undefined;
  /** In few words, at the right of the line: `not numeric`. */
  reason: string;
}

/**
 * A record as it was delivered, with line numbers. Faulty lines are tinted and say why; the line in question (`lit`) is tinted in accent. The first 200
 * lines, then more on demand.
 */
export function RawViewer({
  text,
  label,
  faults = [],
  lit,
  narrow = false,
  className,
}: {
  text: string;
  /** What it is, for readers: `Raw record`. */
  label: string;
  faults?: readonly RawFault[];
  /** A key whose line is in question. */
  lit?: string | null | undefined;
  narrow?: boolean;
  className?: string | undefined;
}) {
  const [all, setAll] = useState(false);
  const lines = rawLines(text);
  const shown = all ? lines : lines.slice(0, FIRST);
  const faultOf = (key: string | null, number: number) =>
    faults.filter((fault) => (fault.key !== undefined ? fault.key === key : fault.line === number));

  return (
    <div className={cn("overflow-hidden rounded-control border border-line bg-sunken", className)}>
      <div
        role="region"
        aria-label={label}
        // A region that scrolls must be reachable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="focus-inset scroll-quiet max-h-120 overflow-auto py-0.5"
      >
        <ol className={narrow ? "type-mono-narrow" : "type-mono leading-5"}>
          {shown.map((line) => {
            const wrong = faultOf(line.key, line.number);
            return (
              <li
                key={line.number}
                className={cn(
                  "flex min-h-5 items-start gap-3 border-l-2 pr-2",
                  wrong.length > 0
                    ? "border-bad-solid bg-bad-tint"
                    : lit !== null && lit !== undefined && line.key === lit
                      ? "border-accent bg-accent-tint"
                      : "border-transparent",
                )}
              >
                <span aria-hidden className="w-6 shrink-0 text-right text-ink-3 select-none">
                  {line.number}
                </span>
                <span className="min-w-0 flex-1 [overflow-wrap:anywhere] whitespace-pre-wrap text-ink">
                  {line.tokens.map((token, index) => (
                    <span
                      // Tokens never move within their line.
                      // oxlint-disable-next-line react/no-array-index-key
                      key={index}
                      className={token.kind === "key" ? "text-accent" : undefined}
                    >
                      {token.text}
                    </span>
                  ))}
                </span>
                {wrong.length > 0 && (
                  <span className="type-micro shrink-0 py-0.75 font-sans tracking-normal text-bad">
                    {wrong.map((fault) => fault.reason).join(", ")}
                  </span>
                )}
              </li>
            );
          })}
        </ol>
      </div>
      {!all && lines.length > FIRST && (
        <div className="border-t border-line p-2">
          <Button kind="quiet" size="small" onClick={() => setAll(true)}>
            Show {plural(lines.length - FIRST, "more line")}
          </Button>
        </div>
      )}
    </div>
  );
}
