import { setTenantOperation } from "@/server/pipeline/operations/tenant-settings";

import { carryOutForVerb } from "./carry-out-for-verb";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb, required } from "./verb";

/** A flag's number; what is none goes on as it is not, and is refused with the field's own words. */
function numberOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new UsageError(`--${flag} must be a number.`);
  return value;
}

export const verb = defineVerb({
  name: "tenant set",
  summary: "Change a tenant's schedule, priority and limits",
  description: "What is not named stays as it is. --every and --cron exclude each other.",
  flags: {
    tenant: { type: "string", value: "TENANT", help: "Tenant id" },
    every: { type: "string", value: "MINUTES", help: "An increment every so many minutes" },
    cron: {
      type: "string",
      value: '"M H D M W"',
      help: "An increment at the times of five cron fields",
    },
    zone: {
      type: "string",
      value: "ZONE",
      help: 'Zone of --cron, such as Europe/Berlin; "" for the tenant\'s own',
    },
    priority: {
      type: "string",
      value: "low|normal|high",
      help: "Share of the work where tenants wait",
    },
    "tables-at-once": {
      type: "string",
      value: "N",
      help: "Most tables worked on at once (1 to 10)",
    },
    "reject-threshold": {
      type: "string",
      value: "PERCENT",
      help: "A batch with more rejects is not published",
    },
    "reject-minimum-rows": {
      type: "string",
      value: "N",
      help: "Smaller batches have no threshold",
    },
    "delete-threshold": {
      type: "string",
      value: "PERCENT",
      help: "A full extract that would delete more of the current records stops as a plan",
    },
    "delete-minimum-records": {
      type: "string",
      value: "N",
      help: "Fewer deletions do not stop it",
    },
    "freshness-target": { type: "string", value: "MINUTES", help: "How old its data may get" },
  },
  async run(context) {
    const { flags } = context;
    const tenantId = required(flags.tenant, "tenant");
    if (flags.every !== undefined && flags.cron !== undefined)
      throw new UsageError("Give --every or --cron, not both.");
    const wanted = {
      ...(flags.every === undefined
        ? {}
        : { scheduleKind: "interval" as const, intervalMinutes: numberOf(flags.every, "every") }),
      ...(flags.cron === undefined ? {} : { scheduleKind: "cron" as const, cron: flags.cron }),
      ...(flags.zone === undefined ? {} : { scheduleTimeZone: flags.zone }),
      ...(flags.priority === undefined
        ? {}
        : { priority: flags.priority as "low" | "normal" | "high" }),
      tablesAtOnce: numberOf(flags["tables-at-once"], "tables-at-once"),
      rejectThresholdPercent: numberOf(flags["reject-threshold"], "reject-threshold"),
      rejectMinimumRows: numberOf(flags["reject-minimum-rows"], "reject-minimum-rows"),
      deleteThresholdPercent: numberOf(flags["delete-threshold"], "delete-threshold"),
      deleteMinimumRecords: numberOf(flags["delete-minimum-records"], "delete-minimum-records"),
      freshnessTargetMinutes: numberOf(flags["freshness-target"], "freshness-target"),
    };
    if (Object.values(wanted).every((value) => value === undefined))
      throw new UsageError("Name what is to change, such as --every 5.");
    const db = await openForVerb(context, "avesa tenant set");
    const { before, after } = await carryOutForVerb(db, setTenantOperation, {
      tenantId,
      ...wanted,
    });
    const names = (Object.keys(after) as (keyof typeof after)[]).filter(
      (name) => before[name] !== after[name],
    );
    for (const name of names)
      context.print(`${name}: ${String(before[name])} → ${String(after[name])}`);
    if (names.length === 0) context.say("It was so already.");
    return 0;
  },
});
