import type { TenantReply } from "@/lib/contracts/tenants";
import { formatPercent } from "@/lib/format";
import { causeSpec, type RunState } from "@/lib/status";
import { spellDuration } from "@/lib/time";
import { worstFirst } from "./worst-table";

/** What is true of the tenant in one sentence: the worst table and why, or that all is well. */
export function tenantSentence({ tenant }: Pick<TenantReply, "tenant">): string {
  const broken = tenant.tables.find((table) => table.invariantsBroken.length > 0);
  if (broken !== undefined)
    return `${broken.tableName} breaks an invariant: ${broken.invariantsBroken.join(", ")}`;
  const [worst] = worstFirst(tenant.tables);
  if (worst === undefined || tenant.tables.every((table) => table.state === "never"))
    return "nothing was loaded yet";
  if (worst.state === "within" || worst.state === "never") {
    const loaded = tenant.tables.filter((table) => table.state === "within").length;
    const failed = tenant.tables.find((table) => table.lastRun?.status === "failed");
    if (failed !== undefined) return `the newest run of ${failed.tableName} failed`;
    const within = `${loaded === tenant.tables.length ? `all ${loaded}` : loaded} tables within target`;
    const ended = tenant.lastRun === null ? undefined : NEWEST_RUN[tenant.lastRun.status];
    return ended === undefined ? within : `${ended}; ${within}`;
  }
  const age = spellDuration(worst.ageSeconds ?? 0);
  const run = worst.lastRun;
  if (worst.cause === "rejected" && run !== null && run.read > 0)
    return `${worst.tableName} is ${age} old: held at validation, ${formatPercent(run.rejected / run.read)} rejected against ${formatPercent(tenant.rejectThresholdPercent / 100)}`;
  // A table is held by a run that failed, and by one that waits for a person too.
  const held = worst.cause === "held" && run !== null ? NEWEST_RUN[run.status] : undefined;
  const cause = worst.cause === null ? "" : `: ${held ?? CAUSES[worst.cause]}`;
  return `${worst.tableName} is ${age} old${cause}`;
}

/** What of the newest run a person should know before all else. */
const NEWEST_RUN: Partial<Record<RunState, string>> = {
  waiting_approval: "a plan waits for approval",
  stalled: "its newest run has stalled",
  partial: "its newest run is partial",
  failed: "its newest run failed",
  unbalanced: "its newest run does not balance",
};

const CAUSES: Record<Parameters<typeof causeSpec>[0], string> = {
  no_file: "no newer object in the store",
  waiting: "no run has looked since",
  queued: "a run is queued",
  loading: "being loaded",
  validating: "being validated",
  publishing: "being published",
  held: "its newest run failed",
  rejected: "too many rows rejected",
  merging: "the merge does not move",
};
