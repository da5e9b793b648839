import { cn } from "@/lib/cn";
import { formatClockMs, formatIsoUtc, type Moment } from "@/lib/time";

export const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LogLine {
  id: string;
  at: Moment;
  level: LogLevel;
  text: string;
}

const LEVEL_INK: Record<LogLevel, string> = {
  debug: "text-ink-3",
  info: "text-ink-3",
  warn: "text-warn",
  error: "text-bad",
};

/** The tail of a log, newest first: time, level, text in mono. Long lines wrap; nothing scrolls sideways. */
export function LogList({
  lines,
  timeZone,
  label,
}: {
  lines: readonly LogLine[];
  timeZone: string;
  label: string;
}) {
  return (
    <ol aria-label={label} className="type-mono px-4 pb-2">
      {lines.map((line) => (
        <li
          key={line.id}
          className="flex gap-x-4 leading-5 max-sm:flex-wrap max-sm:border-b max-sm:border-line max-sm:py-1"
        >
          <time
            dateTime={new Date(line.at).toISOString()}
            title={formatIsoUtc(line.at)}
            className="shrink-0 text-ink-3"
          >
            {formatClockMs(line.at, timeZone)}
          </time>
          <span className={cn("w-10 shrink-0 uppercase", LEVEL_INK[line.level])}>{line.level}</span>
          <span className="min-w-0 [overflow-wrap:anywhere] text-ink max-sm:basis-full">
            {line.text}
          </span>
        </li>
      ))}
    </ol>
  );
}
