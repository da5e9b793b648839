/**
 * Times as the console writes them. This module never reads the clock: every function is handed the moment it speaks of.
 * A moment is a Date, ISO text with its zone, or milliseconds since the epoch.
 */
export type Moment = Date | string | number;

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making a formatter costs more than using it a hundred times, so each kind is made once. */
function formatter(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${timeZone} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-GB", { ...options, timeZone, hourCycle: "h23" });
    formatters.set(key, made);
  }
  return made;
}

/** Milliseconds since the epoch. Throws a RangeError for text that is not a time. */
export function toMs(moment: Moment): number {
  const ms =
    moment instanceof Date
      ? moment.getTime()
      : typeof moment === "number"
        ? moment
        : Date.parse(moment);
  if (!Number.isFinite(ms)) throw new RangeError(`Not a time: ${String(moment)}`);
  return ms;
}

/**
 * An age on the face of things: `47s`, `9m`, `2h 41m`, `3d 4h`. Two units at most; a remainder of nothing is left out after days.
 * @param seconds what has passed; less than zero (a clock ahead of ours) counts as zero
 */
export function formatAge(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole}s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${String(minutes % 60).padStart(2, "0")}m`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days}d` : `${days}d ${hours % 24}h`;
}

/** How long something took: `0.8 s`, `9 s`, `2m 41s`, `1h 04m`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return "–";
  const value = Math.max(0, seconds);
  if (value < 9.95) return `${value.toFixed(1)} s`;
  const whole = Math.round(value);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}m ${String(whole % 60).padStart(2, "0")}s`;
  return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, "0")}m`;
}

/** The same in words, for sentences and readers: `31 min 28 s`, `2 h 41 min`, `3 days 4 h`. */
export function spellDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  const dayWord = days === 1 ? "1 day" : `${days} days`;
  return hours % 24 === 0 ? dayWord : `${dayWord} ${hours % 24} h`;
}

/** The wall clock in a zone: `03:12`. */
export function formatClock(moment: Moment, timeZone: string): string {
  return formatter(timeZone, { hour: "2-digit", minute: "2-digit" }).format(toMs(moment));
}

/** The wall clock with seconds: `03:12:40`. */
export function formatClockSeconds(moment: Moment, timeZone: string): string {
  return formatter(timeZone, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(
    toMs(moment),
  );
}

/** The wall clock of a log line: `03:12:38.114`. */
export function formatClockMs(moment: Moment, timeZone: string): string {
  const ms = ((toMs(moment) % 1000) + 1000) % 1000;
  return `${formatClockSeconds(moment, timeZone)}.${String(ms).padStart(3, "0")}`;
}

/** The day: `22 Nov`. */
export function formatDay(moment: Moment, timeZone: string): string {
  const parts = dateParts(moment, timeZone);
  return `${parts.day} ${parts.month}`;
}

/** The day with its year: `22 Nov 2026`. */
export function formatDate(moment: Moment, timeZone: string): string {
  const parts = dateParts(moment, timeZone);
  return `${parts.day} ${parts.month} ${parts.year}`;
}

/** A moment for lists: `22 Nov 03:12`. */
export function formatMoment(moment: Moment, timeZone: string): string {
  return `${formatDay(moment, timeZone)} ${formatClock(moment, timeZone)}`;
}

/** A moment of which the year matters: `22 Nov 2026 03:12`. */
export function formatLongMoment(moment: Moment, timeZone: string): string {
  return `${formatDate(moment, timeZone)} ${formatClock(moment, timeZone)}`;
}

/** The clock when it is today in the zone, else day and clock. */
export function formatNear(moment: Moment, now: Moment, timeZone: string): string {
  return formatDate(moment, timeZone) === formatDate(now, timeZone)
    ? formatClock(moment, timeZone)
    : formatMoment(moment, timeZone);
}

/** The moment in UTC beside a local one: `22:50:00 UTC`, with the day when that differs: `21 Nov 22:50:00 UTC`. */
export function formatUtcEcho(moment: Moment, timeZone: string): string {
  const clock = `${formatClockSeconds(moment, "UTC")} UTC`;
  return formatDay(moment, "UTC") === formatDay(moment, timeZone)
    ? clock
    : `${formatDay(moment, "UTC")} ${clock}`;
}

/** A moment in full, ISO with a space: `2026-11-22 02:12:40.114 UTC`. For tooltips and copied text. */
export function formatIsoUtc(moment: Moment): string {
  return `${new Date(toMs(moment)).toISOString().replace("T", " ").slice(0, -1)} UTC`;
}

/** What people call a zone: `Stockholm` for `Europe/Stockholm`. */
export function zoneName(timeZone: string): string {
  return (timeZone.split("/").at(-1) ?? timeZone).replaceAll("_", " ");
}

/**
 * The three clocks of a moment for a tooltip: mine, UTC, the tenant's. A zone that repeats one before it is left out.
 * @returns lines such as `22 Nov 2026 03:12:40 Stockholm`
 */
export function threeClocks(moment: Moment, timeZone: string, tenantZone?: string): string[] {
  const zones = [timeZone, "UTC", ...(tenantZone === undefined ? [] : [tenantZone])];
  return [...new Set(zones)].map(
    (zone) => `${formatDate(moment, zone)} ${formatClockSeconds(moment, zone)} ${zoneName(zone)}`,
  );
}

/**
 * How far a zone is ahead of UTC at a moment, in milliseconds (Stockholm in winter: 3 600 000).
 * Charts need it to put their ticks on round local times.
 */
export function zoneOffsetMs(moment: Moment, timeZone: string): number {
  const ms = toMs(moment);
  const parts = Object.fromEntries(
    formatter(timeZone, {
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    })
      .formatToParts(ms)
      .map((part) => [part.type, part.value]),
  );
  const wall = Date.UTC(
    Number(parts["year"]),
    Number(parts["month"]) - 1,
    Number(parts["day"]),
    Number(parts["hour"]),
    Number(parts["minute"]),
    Number(parts["second"]),
  );
  return wall - Math.floor(ms / 1000) * 1000;
}

function dateParts(moment: Moment, timeZone: string): { day: string; month: string; year: string } {
  const parts = Object.fromEntries(
    formatter(timeZone, { day: "2-digit", month: "2-digit", year: "numeric" })
      .formatToParts(toMs(moment))
      .map((part) => [part.type, part.value]),
  );
  const month = MONTHS[Number(parts["month"]) - 1];
  return { day: parts["day"] ?? "", month: month ?? "", year: parts["year"] ?? "" };
}

/** Three letters each: the platform's own English names have four for September. */
const MONTHS = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;
