import type { TenantSettingsReply } from "@/lib/contracts/tenant-settings";

/** A tenant's settings as lines for a person, `name  value`. Times are UTC. */
export function tenantLines(reply: TenantSettingsReply): string[] {
  const { settings, standing, check, scheduler } = reply;
  const next = settings.paused
    ? `never by itself: paused by ${settings.pausedBy} at ${settings.pausedAt ?? ""}${settings.pauseReason === "" ? "" : ` (${settings.pauseReason})`}`
    : !reply.loaded
      ? "after its bulk load"
      : standing.nextAt === null
        ? "never"
        : standing.nextAt;
  const rows: [string, string][] = [
    ["tenant", settings.tenantId],
    ["schedule", standing.schedule],
    ["next increment", next],
    ["priority", settings.priority],
    ["tables at once", String(settings.tablesAtOnce)],
    [
      "reject threshold",
      `${settings.rejectThresholdPercent} % of a batch of ${settings.rejectMinimumRows} rows or more`,
    ],
    [
      "delete threshold",
      `${settings.deleteThresholdPercent} % of the current records, from ${settings.deleteMinimumRecords} on`,
    ],
    ["freshness target", `${settings.freshnessTargetMinutes} min`],
    [
      "last look",
      check === null
        ? "none yet"
        : `${check.checkedAt}: ${check.outcome === "failed" ? check.error : check.outcome === "started" ? `started run ${check.runId}` : "nothing new"}`,
    ],
    [
      "waiting",
      standing.waitingObjects === 0
        ? "no object"
        : `${standing.waitingObjects} objects, ${standing.waitingBytes} bytes, the oldest since ${standing.oldestWaitingAt ?? ""}`,
    ],
    [
      "increments are started",
      scheduler === null || !scheduler.alive
        ? "by nobody now: start a console or avesa work"
        : scheduler.landing === "watch"
          ? "on schedule and where objects land"
          : `on schedule. ${scheduler.message}`,
    ],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}
