import { tzOffset } from "@date-fns/tz";
import type { Random } from "./random";

export const MINUTE = 60_000;
export const DAY = 86_400_000;

const OPENS = 8 * 60;
const CLOSES = 17 * 60 + 30;

/** Business time in one time zone. All instants are ms UTC; a local day is counted from the epoch. */
export interface WorkingHours {
  /** The number of the local day that an instant falls on. */
  localDay(ms: number): number;
  /** The instant of a minute of a local day. */
  instant(day: number, minuteOfDay: number): number;
  /** How busy a local day is: 1 on an average Wednesday. Weekends and holidays are quiet. */
  busyness(day: number): number;
  /** The instant itself when someone is at work then, else a moment early on the next workday. */
  nextWorkingMoment(ms: number, random: Random): number;
}

/**
 * Business time of a time zone.
 *
 * @param timeZone an IANA name
 * @throws RangeError when the zone is unknown
 */
export function workingHours(timeZone: string): WorkingHours {
  const offsets = new Map<number, number>();

  // Offsets are asked once a UTC day: the hour of the change itself does not matter to a demo.
  const offsetMs = (ms: number): number => {
    const day = Math.floor(ms / DAY);
    const known = offsets.get(day);
    if (known !== undefined) return known;
    const minutes = tzOffset(timeZone, new Date(day * DAY + DAY / 2));
    if (Number.isNaN(minutes)) throw new RangeError(`unknown time zone: ${timeZone}`);
    offsets.set(day, minutes * MINUTE);
    return minutes * MINUTE;
  };

  const localDay = (ms: number): number => Math.floor((ms + offsetMs(ms)) / DAY);
  const instant = (day: number, minuteOfDay: number): number => {
    const local = day * DAY + minuteOfDay * MINUTE;
    return local - offsetMs(local);
  };

  const nextWorkingMoment = (ms: number, random: Random): number => {
    let day = localDay(ms);
    const minute = Math.floor((ms + offsetMs(ms) - day * DAY) / MINUTE);
    if (isWorkday(day) && minute >= OPENS - 45 && minute < CLOSES + 60) return ms;
    if (minute >= OPENS || !isWorkday(day)) day += 1;
    while (!isWorkday(day)) day += 1;
    return instant(day, OPENS + random.int(0, 100)) + random.int(0, 59_999);
  };

  return { localDay, instant, busyness, nextWorkingMoment };
}

/** 0 is Sunday. */
function weekday(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

function isWorkday(day: number): boolean {
  return weekday(day) !== 0 && weekday(day) !== 6 && !isHoliday(day);
}

function isHoliday(day: number): boolean {
  const monthAndDay = new Date(day * DAY).toISOString().slice(5, 10);
  return monthAndDay === "12-25" || monthAndDay === "12-26" || monthAndDay === "01-01";
}

function busyness(day: number): number {
  const ofWeekday = [0.12, 1.35, 1.15, 1, 1.02, 0.82, 0.16][weekday(day)] ?? 1;
  const [month, date] = new Date(day * DAY).toISOString().slice(5, 10).split("-").map(Number);
  const yearEnd = (month === 12 && (date ?? 0) >= 23) || (month === 1 && (date ?? 0) <= 3);
  const season = yearEnd ? 0.35 : month === 7 || month === 8 ? 0.84 : 1;
  return ofWeekday * season * (isHoliday(day) ? 0.4 : 1);
}
