import { zoneOffsetMs } from "@/lib/time";

const WALL_CLOCK = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/;

/** The value of a `datetime-local` input, to the minute, for a moment on the wall clock of a zone; '' for none. */
export function toWallClock(moment: Date | null, timeZone: string): string {
  if (moment === null) return "";
  return new Date(moment.getTime() + zoneOffsetMs(moment, timeZone)).toISOString().slice(0, 16);
}

/**
 * The moment at which a wall clock in a zone shows this.
 *
 * @param text the value of a `datetime-local` input, with or without seconds
 * @returns null for an empty or unfinished input
 */
export function fromWallClock(text: string, timeZone: string): Date | null {
  if (!WALL_CLOCK.test(text)) return null;
  const wall = Date.parse(`${text}Z`);
  if (Number.isNaN(wall)) return null;
  // The offset at the wanted moment is not known before the moment is: the second round settles it across a change of clocks.
  const first = wall - zoneOffsetMs(wall, timeZone);
  return new Date(wall - zoneOffsetMs(first, timeZone));
}
