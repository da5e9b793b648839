import { Cron } from "croner";

/**
 * When a tenant's increments are due. Pure: no clock of its own. An interval counts from midnight UTC of the epoch, moved by a
 * share of the interval that is each tenant's own, so that hundreds of tenants do not all come at the full quarter of an hour;
 * a cron expression says its times itself, in its zone.
 */
export const SCHEDULE_KINDS = ["interval", "cron"] as const;
export type ScheduleKind = (typeof SCHEDULE_KINDS)[number];

export const PRIORITIES = ["low", "normal", "high"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** How large a tenant's share of the work is where tenants wait for each other. */
export const PRIORITY_WEIGHT: Readonly<Record<Priority, number>> = { low: 1, normal: 2, high: 4 };

export const DEFAULT_INTERVAL_MINUTES = 15;
export const DEFAULT_TABLES_AT_ONCE = 6;
/** A week: what is to be loaded more rarely has a cron expression. */
export const MAX_INTERVAL_MINUTES = 7 * 24 * 60;

export interface Schedule {
  readonly kind: ScheduleKind;
  /** Whole minutes, at least 1. Counts where `kind` is `interval`. */
  readonly intervalMinutes: number;
  /** Five fields. Counts where `kind` is `cron`. */
  readonly cron: string;
  /** IANA name of the zone the expression is in. */
  readonly timeZone: string;
}

const MINUTE_MS = 60_000;

function cronOf(schedule: Pick<Schedule, "cron" | "timeZone">): Cron {
  return new Cron(schedule.cron, { timezone: schedule.timeZone, paused: true, mode: "5-part" });
}

/**
 * What is wrong with a cron expression, in words, or null.
 *
 * @param now ms UTC; an expression that has no time after it is refused
 */
export function cronProblem(cron: string, timeZone: string, now: number): string | null {
  const fields = cron.trim().split(/\s+/);
  if (fields.length !== 5 || cron.trim() === "")
    return "Give five fields: minute, hour, day of the month, month, day of the week. Every day at 05:30 is 30 5 * * *.";
  try {
    return cronOf({ cron, timeZone }).nextRun(new Date(now)) === null
      ? "This expression never comes true."
      : null;
  } catch (error) {
    return `Not a cron expression: ${wordsOf(error)}.`;
  }
}

function wordsOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/^CronPattern: /, "")
    .replace(/\.$/, "")
    .replace(/^./, (letter) => letter.toLowerCase());
}

/** Where in its interval a tenant's turn is, in ms: the same for ever, spread evenly over tenants (FNV-1a). */
function turnMs(tenantId: string, stepMs: number): number {
  let hash = 2_166_136_261;
  for (const letter of tenantId) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return ((hash >>> 0) % Math.max(1, Math.floor(stepMs / 1000))) * 1000;
}

/**
 * The newest time of the schedule in a span, however many were in it: times that were missed are one.
 *
 * @param after ms UTC, not in the span
 * @param until ms UTC, in the span
 */
export function latestTime(
  tenantId: string,
  schedule: Schedule,
  after: number,
  until: number,
): number | null {
  if (schedule.kind === "interval") {
    const step = schedule.intervalMinutes * MINUTE_MS;
    const turn = turnMs(tenantId, step);
    const time = Math.floor((until - turn) / step) * step + turn;
    return time > after ? time : null;
  }
  const times = cronOf(schedule).previousRuns(2, new Date(until + 1000));
  const time = times.map((date) => date.getTime()).find((one) => one <= until);
  return time !== undefined && time > after ? time : null;
}

/**
 * The schedule's next times, ms UTC, soonest first; fewer where the expression has no more.
 *
 * @param after ms UTC, not among them
 */
export function nextTimes(
  tenantId: string,
  schedule: Schedule,
  after: number,
  count: number,
): number[] {
  if (schedule.kind === "cron") {
    return cronOf(schedule)
      .nextRuns(count, new Date(after))
      .map((date) => date.getTime());
  }
  const step = schedule.intervalMinutes * MINUTE_MS;
  const turn = turnMs(tenantId, step);
  const first = (Math.floor((after - turn) / step) + 1) * step + turn;
  return Array.from({ length: count }, (_, index) => first + index * step);
}

/** The schedule in a few words: `every 15 min`, `30 5 * * * in Berlin`. */
export function scheduleWords(schedule: Schedule): string {
  if (schedule.kind === "cron") {
    const zone = (schedule.timeZone.split("/").at(-1) ?? "").replaceAll("_", " ");
    return `${schedule.cron}, ${zone} time`;
  }
  const minutes = schedule.intervalMinutes;
  if (minutes % 1440 === 0) return minutes === 1440 ? "every day" : `every ${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? "every hour" : `every ${minutes / 60} h`;
  return `every ${minutes} min`;
}
