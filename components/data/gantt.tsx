import Link from "next/link";
import { HUE_ON_SOLID, HUE_SOLID, HUE_TEXT } from "@/components/ui/hue";
import { cn } from "@/lib/cn";
import { type RunState, runStatus } from "@/lib/status";
import { formatClock, formatClockSeconds, formatDuration } from "@/lib/time";
import { timeTicks } from "@/lib/time-axis";

export const GANTT_KINDS = ["done", "active", "failed", "wait"] as const;
export type GanttKind = (typeof GANTT_KINDS)[number];

/** One stretch of work, or the wait before a retry. */
export interface GanttBar {
  id: string;
  /** What was done: `stage`, `merge`. */
  step: string;
  kind: GanttKind;
  fromMs: number;
  /** Null while it goes on. */
  toMs: number | null;
  /** Why it failed, or what is waited for. Said under the bar. */
  reason?: string | undefined;
}

export interface GanttRow {
  id: string;
  name: string;
  href?: string | undefined;
  state: RunState;
  /** `Running, 30m 42s`. */
  word: string;
  bars: readonly GanttBar[];
  /** The usual time of the whole row, seconds; drawn as a line with an end tick under the bars. */
  usualSeconds?: number | null | undefined;
  /** At the end of the running bar: `82 %`. */
  figure?: string | undefined;
}

/** On a shorter axis the ticks say seconds, and so must the present. */
const SECONDS_SHOWN_BELOW_MS = 5 * 60_000;

/**
 * Tables and attempts over time. Finished steps alternate in grey, the one at work has its hue, a failed one is red with its reason, a wait is hatched, and
 * the next attempt follows on the same line.
 */
export function Gantt({
  rows,
  fromMs,
  toMs,
  nowMs,
  timeZone,
  label,
}: {
  rows: readonly GanttRow[];
  fromMs: number;
  /** The end of the axis: past now by the usual time, or the end of a finished run. */
  toMs: number;
  /** Null for a run that is over: no now line. */
  nowMs: number | null;
  timeZone: string;
  label: string;
}) {
  const span = Math.max(1, toMs - fromMs);
  const at = (ms: number) => `${Math.min(100, Math.max(0, ((ms - fromMs) / span) * 100))}%`;
  const ticks = timeTicks(fromMs, toMs, timeZone, 7).filter(
    (tick) => nowMs === null || Math.abs(tick.ms - nowMs) / span > 0.1,
  );

  return (
    <div className="relative">
      <div aria-hidden className="type-small relative ml-35 h-6 text-ink-3 max-sm:ml-28">
        <div className="relative mr-4 h-full">
          {ticks.map((tick, index) => (
            <span
              key={tick.ms}
              className={cn(
                "absolute top-1 whitespace-nowrap",
                // A narrow axis has room for every other tick, and for none beside the present.
                (index % 2 === 1 || (nowMs !== null && Math.abs(tick.ms - nowMs) / span < 0.16)) &&
                  "max-sm:hidden",
                (tick.ms - fromMs) / span < 0.03
                  ? ""
                  : (tick.ms - fromMs) / span > 0.97
                    ? "-translate-x-full"
                    : "-translate-x-1/2",
              )}
              style={{ left: at(tick.ms) }}
            >
              {tick.label}
            </span>
          ))}
          {nowMs !== null && (
            <span
              className={cn(
                "absolute top-1 font-semibold whitespace-nowrap text-ink",
                (nowMs - fromMs) / span > 0.95 ? "-translate-x-full" : "-translate-x-1/2",
              )}
              style={{ left: at(nowMs) }}
            >
              {span < SECONDS_SHOWN_BELOW_MS
                ? formatClockSeconds(nowMs, timeZone)
                : formatClock(nowMs, timeZone)}
            </span>
          )}
        </div>
      </div>
      <ul aria-label={label}>
        {rows.map((row) => (
          <Row
            key={row.id}
            row={row}
            at={at}
            fromMs={fromMs}
            nowMs={nowMs}
            toMs={toMs}
            ticks={ticks.map((tick) => tick.ms)}
          />
        ))}
      </ul>
      {nowMs !== null && (
        <div
          aria-hidden
          className="pointer-events-none absolute top-6 bottom-0 left-35 right-4 max-sm:left-28"
        >
          <div className="absolute inset-y-0 w-px bg-ink" style={{ left: at(nowMs) }} />
        </div>
      )}
    </div>
  );
}

function Row({
  row,
  at,
  fromMs,
  toMs,
  nowMs,
  ticks,
}: {
  row: GanttRow;
  at: (ms: number) => string;
  fromMs: number;
  toMs: number;
  nowMs: number | null;
  ticks: readonly number[];
}) {
  const { hue } = runStatus(row.state);
  const started = row.bars[0]?.fromMs;
  const last = row.bars.at(-1);
  const lastEnd = last === undefined ? null : (last.toMs ?? nowMs ?? toMs);
  const reasons = row.bars.filter((bar) => bar.reason !== undefined);
  const span = Math.max(1, toMs - fromMs);
  const finished = row.bars.filter((bar) => bar.kind === "done");
  return (
    <li className="relative flex min-h-11.5 border-t border-line">
      <div className="relative w-35 shrink-0 py-1 pl-4 max-sm:w-28">
        {row.href === undefined ? (
          <span className="type-small block truncate font-medium">{row.name}</span>
        ) : (
          <Link
            href={row.href}
            className="type-small block truncate font-medium underline-offset-2 hover:underline"
          >
            {row.name}
          </Link>
        )}
        <span className={cn("type-micro line-clamp-2", HUE_TEXT[hue])}>{row.word}</span>
      </div>
      <div className="relative mr-4 min-w-0 flex-1 border-l border-line pb-1">
        {ticks.map((ms) => (
          <span
            key={ms}
            aria-hidden
            className="absolute inset-y-0 w-px bg-line"
            style={{ left: at(ms) }}
          />
        ))}
        {row.bars.map((bar) => {
          const end = bar.toMs ?? nowMs ?? toMs;
          const fill = fillOf(bar, hue, finished.indexOf(bar));
          return (
            <span
              key={bar.id}
              data-bar
              title={`${bar.step}, ${formatDuration((end - bar.fromMs) / 1000)}${bar.reason === undefined ? "" : `, ${bar.reason}`}`}
              className={cn(
                "type-micro @container absolute top-1.75 h-4.5 min-w-px overflow-hidden",
                fill,
              )}
              style={{
                left: at(bar.fromMs),
                width: `max(1px, calc(${((end - bar.fromMs) / span) * 100}% - 1px))`,
              }}
            >
              {bar.kind !== "wait" && (
                <span className="hidden h-full items-center pl-1.5 whitespace-nowrap @min-[38px]:flex">
                  {bar.step}
                </span>
              )}
            </span>
          );
        })}
        {row.figure !== undefined && lastEnd !== null && (
          <span
            className="type-micro absolute top-2.25 pl-1.5 whitespace-nowrap text-ink-3"
            style={{ left: at(lastEnd) }}
          >
            {row.figure}
          </span>
        )}
        {started !== undefined && row.usualSeconds !== null && row.usualSeconds !== undefined && (
          <span
            aria-hidden
            title={`usually ${formatDuration(row.usualSeconds)}`}
            className="absolute top-7 h-1.25 border-r border-ink-3"
            style={{
              left: at(started),
              width: `calc(${at(started + row.usualSeconds * 1000)} - ${at(started)})`,
            }}
          >
            <span className="absolute inset-x-0 top-0.5 block h-px bg-ink-3" />
          </span>
        )}
        {reasons.length > 0 && (
          <p
            className="type-micro relative mt-8.5 flex flex-wrap gap-x-2"
            style={{ marginLeft: `min(${at(reasons[0]?.fromMs ?? fromMs)}, 55%)` }}
          >
            {reasons.map((bar) => (
              <span key={bar.id} className={bar.kind === "failed" ? "text-bad" : "text-warn"}>
                {bar.reason}
              </span>
            ))}
          </p>
        )}
        <span className="sr-only">
          {row.bars
            .map(
              (bar) =>
                `${bar.step} ${formatDuration(((bar.toMs ?? nowMs ?? toMs) - bar.fromMs) / 1000)}${bar.kind === "failed" ? " failed" : ""}`,
            )
            .join(", ")}
        </span>
      </div>
    </li>
  );
}

function fillOf(bar: GanttBar, hue: keyof typeof HUE_SOLID, index: number): string {
  switch (bar.kind) {
    case "done":
      return index % 2 === 0 ? "bg-mark text-ink" : "bg-line-2 text-ink";
    case "active":
      return cn(HUE_SOLID[hue], HUE_ON_SOLID[hue]);
    case "failed":
      return "bg-bad-solid text-on-solid";
    case "wait":
      return "hatch hatch-warn";
  }
}

/** The key of the Gantt for its section head. */
export function GanttKey() {
  return (
    <span className="type-small inline-flex items-center gap-1.5 text-ink-3">
      <span aria-hidden className="relative block h-1.25 w-6.5 border-r border-ink-3">
        <span className="absolute inset-x-0 top-0.5 block h-px bg-ink-3" />
      </span>
      usual time
    </span>
  );
}
