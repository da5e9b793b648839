import { DAY, MINUTE } from "./working-hours";

/** One landing of the upstream pipeline: what was recorded since the one before, up to `end`. */
export interface LandingSlot {
  span: "month" | "day" | "window";
  /** ms UTC; also the stamp of the objects. */
  end: number;
}

const NIGHTLY = 2 * 60 * MINUTE;
const DAYS_OF_NIGHTLY = 14;

/**
 * When a tenant's objects landed over two years, oldest first: monthly for the history, nightly for
 * the last two weeks, then every few minutes up to now.
 *
 * @param now ms UTC; no slot ends after it
 * @returns the start of the history and its slots
 */
export function landingSlots(
  now: number,
  everyMinutes: number,
): { start: number; slots: LandingSlot[] } {
  const today = Math.floor(now / DAY) * DAY;
  const nightlyFrom = today - DAYS_OF_NIGHTLY * DAY + NIGHTLY;
  const windowsFrom = today - DAY + NIGHTLY;
  const { start, ends } = months(now);
  const slots: LandingSlot[] = ends
    .filter((end) => end < nightlyFrom)
    .map((end) => ({ span: "month", end }));
  slots.push({ span: "month", end: nightlyFrom });
  for (let end = nightlyFrom + DAY; end <= windowsFrom; end += DAY)
    slots.push({ span: "day", end });
  const step = everyMinutes * MINUTE;
  for (let end = windowsFrom + step; end <= now; end += step) slots.push({ span: "window", end });
  return { start, slots };
}

/** The first day of the month two years before an instant, and the starts of the months after it. */
function months(now: number): { start: number; ends: number[] } {
  const date = new Date(now);
  const at = (month: number): number =>
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + month, 1);
  return {
    start: at(-24),
    ends: Array.from({ length: 24 }, (_, index) => at(index - 23) + NIGHTLY),
  };
}
