import { cn } from "@/lib/cn";
import { formatClock, spellDuration } from "@/lib/time";

export interface ProgressBandProps {
  startedMs: number;
  nowMs: number;
  /** How long runs like this one took, seconds; null with fewer than five of them, or when this one is stalled. */
  p50Seconds: number | null;
  p90Seconds: number | null;
  /** How many past runs the estimate is made from. */
  pastRuns: number;
  timeZone: string;
  /** Said after the estimate, in amber: `Slower than 71 % of them.` */
  warning?: string | undefined;
}

/**
 * How far a run is in time: elapsed, now, and the band in which runs like it end. It is a time axis, not the share of rows, which is the hero figure
 * beside it.
 */
export function ProgressBand({
  startedMs,
  nowMs,
  p50Seconds,
  p90Seconds,
  pastRuns,
  timeZone,
  warning,
}: ProgressBandProps) {
  const elapsed = Math.max(0, (nowMs - startedMs) / 1000);
  const banded = p50Seconds !== null && p90Seconds !== null;
  const p50 = p50Seconds ?? 0;
  const p90 = p90Seconds ?? 0;
  // The axis ends a little past the band, or past now when the run is slower than all.
  const span = Math.max(1, (banded ? Math.max(p90, elapsed) : elapsed) * (banded ? 1.08 : 1.4));
  const at = (seconds: number) => `${Math.min(100, (seconds / span) * 100)}%`;
  const clock = (seconds: number) => formatClock(startedMs + seconds * 1000, timeZone);
  const left = banded
    ? toGo(p50 - elapsed, p90 - elapsed)
    : { long: "no estimate", short: "no estimate" };

  return (
    <div className="@container">
      <p className="type-small min-h-4 text-right text-ink-2 max-sm:text-left">
        {banded ? (
          elapsed > p90 ? (
            <>Later than nine in ten of {pastRuns} past runs of this size. </>
          ) : (
            <>
              Done between{" "}
              <strong className="font-semibold text-ink">{clock(Math.max(p50, elapsed))}</strong>{" "}
              and <strong className="font-semibold text-ink">{clock(p90)}</strong>, from {pastRuns}{" "}
              past runs of this size.{" "}
            </>
          )
        ) : (
          <>
            No estimate yet:{" "}
            {pastRuns === 0 ? "no past run" : `${pastRuns} past ${pastRuns === 1 ? "run" : "runs"}`}{" "}
            of this size.{" "}
          </>
        )}
        {warning !== undefined && <span className="text-warn">{warning}</span>}
      </p>
      <div
        className="relative mt-1.5 mb-1 h-6.5"
        role="img"
        aria-label={`${spellDuration(elapsed)} elapsed, ${left.long}`}
      >
        <div data-bar className="absolute inset-x-0 top-1.25 flex h-4 bg-track">
          <div
            className="@container relative h-full bg-motion-solid transition-[width] duration-1000 ease-linear"
            style={{ width: at(elapsed) }}
          >
            <span className="type-micro absolute inset-y-0 right-2 hidden items-center whitespace-nowrap text-on-solid @min-[90px]:flex">
              {spellDuration(elapsed)}
              <span className="hidden @min-[140px]:inline">&nbsp;elapsed</span>
            </span>
          </div>
          <div className="relative h-full flex-1">
            <span
              className="type-micro @container absolute inset-y-0 left-0 flex items-center text-ink-2"
              style={{
                width:
                  banded && p50 > elapsed
                    ? `${((p50 - elapsed) / (span - elapsed)) * 100}%`
                    : "100%",
              }}
            >
              <span className="hidden w-full text-center whitespace-nowrap @min-[116px]:block">
                {left.long}
              </span>
              <span className="hidden w-full text-center whitespace-nowrap @min-[64px]:block @min-[116px]:hidden">
                {left.short}
              </span>
            </span>
          </div>
        </div>
        {banded && (
          <div
            className="hatch hatch-accent absolute top-1.25 h-4 border border-accent"
            style={{ left: at(p50), width: `calc(${at(p90)} - ${at(p50)})` }}
          />
        )}
        <div className="absolute inset-y-0 w-[1.5px] bg-ink" style={{ left: at(elapsed) }} />
      </div>
      <div aria-hidden className="type-micro relative h-3.5 text-ink-3">
        <span className={cn(elapsed / span < 0.16 && "hidden")}>{clock(0)} started</span>
        <span
          className={cn(
            "absolute top-0 font-medium whitespace-nowrap text-ink",
            elapsed / span < 0.06 ? "" : "-translate-x-1/2",
          )}
          style={{ left: at(elapsed) }}
        >
          now {formatClock(nowMs, timeZone)}
        </span>
        {banded && Math.abs(p50 - elapsed) / span > 0.12 && (
          <span
            className="absolute top-0 -translate-x-1/2 whitespace-nowrap"
            style={{ left: at(p50) }}
          >
            {clock(p50)} <span className="hidden @min-[640px]:inline">half of runs</span>
          </span>
        )}
        {banded && Math.abs(p90 - elapsed) / span > 0.12 && (p90 - p50) / span > 0.06 && (
          <span className="absolute top-0 right-0 whitespace-nowrap">
            {clock(p90)} <span className="hidden @min-[640px]:inline">nine in ten</span>
          </span>
        )}
      </div>
    </div>
  );
}

/** `19 to 30 min to go`, in the unit that fits the longer one, and the same in few signs. */
function toGo(from: number, to: number): { long: string; short: string } {
  if (to <= 0) return { long: "over the usual time", short: "late" };
  const unit = to >= 120 ? 60 : 1;
  const low = Math.max(0, Math.round(from / unit));
  const high = Math.max(1, Math.round(to / unit));
  const word = unit === 60 ? "min" : "s";
  return low <= 0 || low === high
    ? { long: `at most ${high} ${word} to go`, short: `≤ ${high} ${word}` }
    : { long: `${low} to ${high} ${word} to go`, short: `${low}–${high} ${word}` };
}
