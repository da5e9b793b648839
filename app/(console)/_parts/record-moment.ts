import { formatLongMoment, formatMoment, type Moment } from "@/lib/time";

/** A moment in a record's life: the year only where it is not this one. */
export function recordMoment(moment: Moment, now: Moment, timeZone: string): string {
  const long = formatLongMoment(moment, timeZone);
  return yearOf(long) === yearOf(formatLongMoment(now, timeZone))
    ? formatMoment(moment, timeZone)
    : long;
}

function yearOf(longMoment: string): string | undefined {
  return longMoment.split(" ").at(-2);
}
