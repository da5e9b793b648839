import { formatClock, formatClockSeconds, formatDate, formatDay, zoneOffsetMs } from "@/lib/time";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const STEPS = [
  SECOND,
  2 * SECOND,
  5 * SECOND,
  10 * SECOND,
  15 * SECOND,
  30 * SECOND,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  2 * DAY,
  7 * DAY,
  14 * DAY,
  28 * DAY,
  91 * DAY,
  182 * DAY,
  364 * DAY,
] as const;

export interface TimeTick {
  ms: number;
  label: string;
}

/**
 * Round local times on an axis.
 * @param fromMs start of the axis, ms since the epoch
 * @param toMs its end
 * @param timeZone the zone in which the times shall be round
 * @param most how many ticks there may be at most
 */
export function timeTicks(fromMs: number, toMs: number, timeZone: string, most = 7): TimeTick[] {
  const span = toMs - fromMs;
  if (!(span > 0)) return [];
  const step = STEPS.find((candidate) => span / candidate <= most) ?? 364 * DAY;
  const offset = zoneOffsetMs(fromMs, timeZone);
  const first = Math.ceil((fromMs + offset) / step) * step - offset;
  const ticks: TimeTick[] = [];
  for (let ms = first; ms <= toMs; ms += step) {
    // A change of daylight saving inside the axis moves the later ticks back onto round times.
    const drift = step >= HOUR ? zoneOffsetMs(ms, timeZone) - offset : 0;
    ticks.push({ ms: ms - drift, label: labelFor(ms - drift, step, timeZone) });
  }
  return ticks;
}

function labelFor(ms: number, step: number, timeZone: string): string {
  // Over years the day says little and the year everything.
  if (step >= 91 * DAY) return formatDate(ms, timeZone).slice(3);
  if (step >= DAY) return formatDay(ms, timeZone);
  return step < MINUTE ? formatClockSeconds(ms, timeZone) : formatClock(ms, timeZone);
}
