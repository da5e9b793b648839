import { cn } from "@/lib/cn";
import { type Cause, causeSpec, type Freshness } from "@/lib/status";
import { formatAge, spellDuration } from "@/lib/time";

export interface FreshnessCellProps {
  /** Null when the table was never loaded. */
  ageSeconds: number | null;
  targetSeconds: number;
  state: Freshness;
  cause?: Cause | null | undefined;
  /** The table's name, for readers. */
  table: string;
  /** More lines for the tooltip: last good run, three clocks. */
  title?: string | undefined;
  /** `cell` is the bottom rule of a grid cell; `block` has the name and the cause above the age, for small screens. */
  shape?: "cell" | "block";
  className?: string | undefined;
}

/**
 * An age against its target. The rule below is the gauge: filled from nothing to twice the target, with a notch at the target, so that notches
 * form one line down the page. Colour only past the target.
 */
export function FreshnessCell({
  ageSeconds,
  targetSeconds,
  state,
  cause,
  table,
  title,
  shape = "cell",
  className,
}: FreshnessCellProps) {
  const past = state === "late" || state === "blocked";
  const causeText = past && cause ? causeSpec(cause).word : null;
  const filled =
    ageSeconds === null ? 0 : Math.min(1, Math.max(0, ageSeconds / (2 * targetSeconds)));
  const label = [
    table,
    ageSeconds === null ? "never loaded" : `${spellDuration(ageSeconds)} old`,
    `target ${spellDuration(targetSeconds)}`,
    ...(past ? [state] : []),
    ...(causeText === null ? [] : [causeText]),
  ].join(", ");
  const ink = state === "late" ? "text-warn" : state === "blocked" ? "text-bad" : "text-ink-2";

  return (
    <span
      role="img"
      aria-label={label}
      title={title ?? label}
      className={cn("relative block min-h-5.75 pb-1", shape === "cell" ? "mr-2.5" : "", className)}
    >
      {shape === "block" && (
        <span className="type-micro flex justify-between gap-1 text-ink-3">
          <span className="truncate">{table.slice(0, 4)}</span>
          {causeText !== null && <span className={cn("truncate", ink)}>{causeText}</span>}
        </span>
      )}
      <span className="type-small flex items-baseline justify-between gap-1 whitespace-nowrap">
        <span className={cn(past ? "font-semibold" : "font-medium", ink)}>
          {ageSeconds === null
            ? shape === "cell"
              ? "never loaded"
              : "never"
            : formatAge(ageSeconds)}
        </span>
        {shape === "cell" && causeText !== null && (
          <span className={cn("type-micro min-w-0 truncate", ink)}>{causeText}</span>
        )}
      </span>
      <span data-bar className="absolute inset-x-0 bottom-0 block h-0.5 bg-track">
        <span
          className={cn(
            "block h-full",
            state === "late" ? "bg-warn-solid" : state === "blocked" ? "bg-bad-solid" : "bg-mark",
          )}
          style={{ width: `${filled * 100}%` }}
        />
      </span>
      <span className="absolute bottom-0 left-1/2 block h-1.25 w-px bg-ink-3" />
    </span>
  );
}

/** The key of the gauge, for a section head: `age against the target of 30 min`. */
export function FreshnessKey({ targetMinutes }: { targetMinutes: number }) {
  return (
    <span className="type-small flex items-center gap-1.5 text-ink-3">
      <span aria-hidden className="relative block h-1.25 w-11">
        <span className="absolute inset-x-0 bottom-0.5 block h-0.5 bg-track" />
        <span className="absolute bottom-0.5 left-0 block h-0.5 w-3.5 bg-mark" />
        <span className="absolute bottom-0.5 left-1/2 block h-1.25 w-px bg-ink-3" />
      </span>
      age against the target of {spellDuration(targetMinutes * 60)}
    </span>
  );
}
