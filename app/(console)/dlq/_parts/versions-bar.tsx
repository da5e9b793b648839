import { cn } from "@/lib/cn";
import type { DryVersion } from "@/lib/contracts/dlq-commands";
import { formatIsoUtc, formatLongMoment } from "@/lib/time";
import { prepareVersionsBar } from "./prepare-versions-bar";

/** The versions around what a replay would change: which closes, which opens, and when each starts. */
export function VersionsBar({
  before,
  after,
  timeZone,
}: {
  before: readonly DryVersion[];
  after: readonly DryVersion[];
  timeZone: string;
}) {
  const parts = prepareVersionsBar(before, after);
  return (
    <ol aria-label="Versions afterwards" className="flex gap-px">
      {parts.map((part) => (
        <li key={part.key} className="min-w-0" style={{ width: `${part.share * 100}%` }}>
          <span
            className={cn(
              "type-small block h-5 truncate px-1.5 leading-5 font-medium",
              part.isNew
                ? "bg-accent-fill text-on-accent"
                : part.isClosed
                  ? "bg-mark text-ink"
                  : "bg-track text-ink",
            )}
          >
            {part.label}
          </span>
          <time
            dateTime={part.startsAt}
            title={formatIsoUtc(part.startsAt)}
            className="type-micro block truncate pt-0.5 text-ink-3"
          >
            {formatLongMoment(part.startsAt, timeZone)}
          </time>
        </li>
      ))}
    </ol>
  );
}
