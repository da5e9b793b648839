import { cn } from "@/lib/cn";

export const DAY_STATES = ["none", "fine", "warning", "bad"] as const;
export type DayState = (typeof DAY_STATES)[number];

export interface StripDay {
  /** `2026-11-22`, a business day. */
  day: string;
  state: DayState;
}

const LOOKS: Record<DayState, { height: number; fill: string; word: string }> = {
  none: { height: 1, fill: "fill-line-2", word: "no run" },
  fine: { height: 4, fill: "fill-mark", word: "fine" },
  warning: { height: 9, fill: "fill-warn-solid", word: "warning" },
  bad: { height: 15, fill: "fill-bad-solid", word: "failed" },
};

/** The worst of each of the last days, oldest first. Height says it again for eyes that do not see the hue. */
export function DayStrip({ days, label }: { days: readonly StripDay[]; label: string }) {
  const count = (state: DayState) => days.filter((day) => day.state === state).length;
  const said = [
    `${count("fine")} fine`,
    ...(count("warning") > 0 ? [`${count("warning")} with a warning`] : []),
    ...(count("bad") > 0 ? [`${count("bad")} failed`] : []),
    ...(count("none") > 0 ? [`${count("none")} without a run`] : []),
  ].join(", ");
  const width = days.length * 6;
  return (
    <svg
      width={width}
      height={16}
      viewBox={`0 0 ${width} 16`}
      role="img"
      aria-label={`${label}, ${days.length} days: ${said}`}
      className="shrink-0"
    >
      {days.map((day, index) => {
        const look = LOOKS[day.state];
        return (
          <rect
            key={day.day}
            x={index * 6}
            y={16 - look.height}
            width={5}
            height={look.height}
            className={cn(look.fill)}
          >
            <title>{`${day.day} ${look.word}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}
