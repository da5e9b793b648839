import { cronProblem, nextTimes, PRIORITIES, type Priority, type Schedule } from "@/lib/schedule";
import type { TenantSettings } from "@/lib/contracts/tenant-settings";
import { formatNear, toMs, zoneName } from "@/lib/time";

/** The fields of the form, as typed. */
export const NUMBERS = [
  "intervalMinutes",
  "tablesAtOnce",
  "rejectThresholdPercent",
  "rejectMinimumRows",
  "deleteThresholdPercent",
  "deleteMinimumRecords",
  "freshnessTargetMinutes",
] as const;
export const TEXTS = ["scheduleKind", "cron", "scheduleTimeZone", "priority"] as const;
export const FIELDS: readonly string[] = [...NUMBERS, ...TEXTS];

/**
 * What of the form differs from the settings. What is no number is handed on as it was typed: the server refuses it with the
 * field's own words.
 */
export function changesOf(
  form: FormData,
  settings: TenantSettings,
): Record<string, string | number> {
  const changes: Record<string, string | number> = {};
  for (const name of NUMBERS) {
    const typed = form.get(name);
    if (typeof typed !== "string" || typed === String(settings[name])) continue;
    const value = Number(typed);
    changes[name] = typed.trim() === "" || !Number.isFinite(value) ? typed : value;
  }
  for (const name of TEXTS) {
    const typed = form.get(name);
    if (typeof typed === "string" && typed.trim() !== settings[name]) changes[name] = typed.trim();
  }
  return changes;
}

/** The times a schedule that is being typed would have, in words, or nothing where it is none yet. */
export function previewWords(
  tenantId: string,
  schedule: Schedule,
  asOf: string,
): string | undefined {
  const now = toMs(asOf);
  if (schedule.kind === "interval") {
    if (!Number.isInteger(schedule.intervalMinutes) || schedule.intervalMinutes < 1)
      return undefined;
  } else if (!isZone(schedule.timeZone) || cronProblem(schedule.cron, schedule.timeZone, now))
    return undefined;
  const times = nextTimes(tenantId, schedule, now, 3);
  const [first] = times;
  if (first === undefined) return undefined;
  const local = times.map((at) => formatNear(at, now, schedule.timeZone)).join(", ");
  const utc =
    schedule.timeZone === "UTC" ? "" : `; the first is ${formatNear(first, now, "UTC")} in UTC`;
  return `Next: ${local} in ${zoneName(schedule.timeZone)}${utc}.`;
}

function isZone(timeZone: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone !== "";
  } catch {
    // The browser knows no such zone, which is the answer.
    return false;
  }
}

export const PRIORITY_WORDS: Readonly<Record<Priority, { label: string; hint: string }>> = {
  low: { label: "Low", hint: "half a share" },
  normal: { label: "Normal", hint: "one share" },
  high: { label: "High", hint: "two shares" },
};

export const PRIORITY_OPTIONS = PRIORITIES.map((value) => ({ value, ...PRIORITY_WORDS[value] }));
