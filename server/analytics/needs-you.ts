import type { Need, TableStanding, TenantStanding } from "@/lib/contracts/fleet";
import { formatCount, formatPercent, listNames, plural } from "@/lib/format";
import { groupBy } from "@/lib/group-by";
import { sourceName } from "@/lib/source-name";
import { type Cause, stepWord } from "@/lib/status";
import { spellDuration } from "@/lib/time";
import type { WaitingPlan } from "./waiting-plans";

/** Worst first: what loses rows, what stopped, what waits for a person, what is merely late. */
const SEVERITY: readonly Need["status"][] = [
  "unbalanced",
  "failed",
  "degraded",
  "stalled",
  "waiting_approval",
  "partial",
  "warning",
  "unknown",
];

const LATE_SENTENCES: Record<Cause, string> = {
  no_file: "No newer object in the store. Runs look and find nothing.",
  waiting: "No run has looked for newer objects within the target.",
  queued: "Past the target and queued behind other runs.",
  loading: "Past the target while its objects are being read.",
  validating: "Past the target while its rows are being validated.",
  publishing: "Past the target while its versions are being published.",
  held: "Past the target and held.",
  rejected: "Past the target: too many rows were rejected.",
  merging: "Past the target: the merge does not move.",
};

function oldest(times: readonly (string | null)[]): string | null {
  return times.filter((time): time is string => time !== null).toSorted()[0] ?? null;
}

/** A run's own words, cut to one line: the whole text is on the run's page. */
function firstSentence(text: string): string {
  const line = text.split("\n")[0]?.trim() ?? "";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

function runSentence(table: TableStanding, tenant: TenantStanding, asOf: string): string {
  const run = table.lastRun;
  if (run === null) return "";
  switch (run.status) {
    case "unbalanced":
      return `Read ${formatCount(run.read)}, accounted ${formatCount(run.accounted)}. Difference ${formatCount(Math.abs(run.read - run.accounted))}, publish held.`;
    case "stalled": {
      const seconds =
        run.heartbeatAt === null ? 0 : (Date.parse(asOf) - Date.parse(run.heartbeatAt)) / 1000;
      const step = stepWord(run.step);
      return `No sign of life for ${spellDuration(seconds)}${step === undefined ? "" : ` in ${step}`}.`;
    }
    default:
      if (run.read > 0 && (run.rejected / run.read) * 100 > tenant.rejectThresholdPercent)
        return `${formatPercent(run.rejected / run.read)} rejected, threshold ${formatPercent(tenant.rejectThresholdPercent / 100)}. ${plural(run.rejected, "row")} held back, nothing was published.`;
      return firstSentence(run.error) || "The run ended without saying why.";
  }
}

const NEEDS_RUN = ["unbalanced", "failed", "stalled", "partial"] as const;
/** What says of a table that somebody is to look at its run already. */
const IN_HAND = [...NEEDS_RUN, "waiting_approval"] as const;

/** Lines for tables whose newest run went wrong: one per run, equal sentences of several tenants merged. */
function runNeeds(tenants: readonly TenantStanding[], asOf: string): Need[] {
  const perRun = tenants.flatMap((tenant) => {
    const bad = tenant.tables.filter((table) =>
      NEEDS_RUN.some((status) => status === table.lastRun?.status),
    );
    return [
      ...groupBy(bad, (table) => `${table.lastRun?.runId} ${table.lastRun?.status}`).values(),
    ].flatMap((tables) => {
      const [first] = tables;
      const run = first?.lastRun;
      if (first === undefined || run === null || run === undefined) return [];
      const sentence = runSentence(first, tenant, asOf);
      // What a partial run left out, and what stopped a batch at the threshold, lies with the dead letters.
      const rejects =
        run.status === "partial" ||
        (run.status === "failed" &&
          run.read > 0 &&
          (run.rejected / run.read) * 100 > tenant.rejectThresholdPercent);
      return [{ tenant, tables, run, sentence, rejects, first }];
    });
  });
  return [...groupBy(perRun, (line) => `${line.run.status} ${line.sentence}`).values()].flatMap(
    (lines): Need[] => {
      const [line] = lines;
      if (line === undefined) return [];
      const since = oldest(
        lines.map(({ run }) =>
          run.status === "stalled" ? run.heartbeatAt : (run.finishedAt ?? run.startedAt),
        ),
      );
      const common = { status: line.run.status, sentence: line.sentence, since } as const;
      const names = new Set(lines.map(({ tenant }) => tenant.tenantId));
      if (names.size > 1)
        return [
          {
            ...common,
            key: `${line.run.status}:${line.sentence}`,
            who: plural(names.size, "tenant"),
            what: listNames(
              [...new Set(lines.flatMap(({ tables }) => tables.map((table) => table.tableName)))],
              3,
            ),
            action: "See tenants",
            target: {
              kind: "filter",
              health: ["unbalanced", "failed"].includes(line.run.status) ? "degraded" : "warning",
            } as const,
          },
        ];
      return [
        {
          ...common,
          key: `${line.run.runId}:${line.run.status}`,
          who: line.tenant.name,
          what: listNames(
            line.tables.map((table) => table.tableName),
            3,
          ),
          action: line.rejects
            ? line.run.status === "partial"
              ? "See what is missing"
              : "Review rejects"
            : line.run.status === "unbalanced"
              ? "Open ledger"
              : "Open run",
          target: line.rejects
            ? ({
                kind: "rejects",
                tenantId: line.tenant.tenantId,
                tableName: line.first.tableName,
              } as const)
            : ({ kind: "run", runId: line.run.runId } as const),
        },
      ];
    },
  );
}

/** One line per run that waits for approval. */
function planNeeds(tenants: readonly TenantStanding[], plans: readonly WaitingPlan[]): Need[] {
  const names = new Map(tenants.map((tenant) => [tenant.tenantId, tenant.name]));
  return plans.flatMap((plan) => {
    const who = names.get(plan.tenantId);
    if (who === undefined) return [];
    return [
      {
        key: `plan:${plan.runId}`,
        status: "waiting_approval" as const,
        who,
        what: listNames(plan.tables, 3),
        sentence: `A plan waits for approval${plan.deletions > 0 ? `; it would delete ${plural(plan.deletions, "record")}` : ""}.`,
        since: plan.since,
        action: "Review plan",
        target: { kind: "run" as const, runId: plan.runId },
      },
    ];
  });
}

function invariantNeeds(tenants: readonly TenantStanding[]): Need[] {
  return tenants.flatMap((tenant) =>
    tenant.tables
      .filter((table) => table.invariantsBroken.length > 0)
      .map((table) => ({
        key: `invariants:${tenant.tenantId}:${table.tableName}`,
        status: "degraded" as const,
        who: tenant.name,
        what: table.tableName,
        sentence: `${plural(table.invariantsBroken.length, "invariant")} of ${table.invariantsChecked} broken: ${listNames(table.invariantsBroken, 3)}.`,
        since: table.lastRun?.finishedAt ?? null,
        action: "Open tenant",
        target: { kind: "tenant" as const, tenantId: tenant.tenantId },
      })),
  );
}

/** Tables past their target although their newest run went well, merged by cause and source. */
function lateNeeds(tenants: readonly TenantStanding[]): Need[] {
  const late = tenants.flatMap((tenant) =>
    tenant.tables
      .filter(
        (table) =>
          (table.state === "late" || table.state === "blocked") &&
          !IN_HAND.some((status) => status === table.lastRun?.status),
      )
      .map((table) => ({ tenant, table, cause: table.cause ?? "waiting" })),
  );
  return [...groupBy(late, (line) => `${line.cause} ${line.tenant.sourceSystem}`).values()].flatMap(
    (lines) => {
      const [line] = lines;
      if (line === undefined) return [];
      const names = new Set(lines.map(({ tenant }) => tenant.tenantId));
      const blocked = lines.some(({ table }) => table.state === "blocked");
      const one = names.size === 1;
      return [
        {
          key: `late:${line.cause}:${line.tenant.sourceSystem}`,
          status: blocked ? ("degraded" as const) : ("warning" as const),
          who: one ? line.tenant.name : plural(names.size, "tenant"),
          what: one
            ? listNames(
                lines.map(({ table }) => table.tableName),
                3,
              )
            : sourceName(line.tenant.sourceSystem),
          sentence: LATE_SENTENCES[line.cause],
          since: oldest(lines.map(({ table }) => table.newestObjectAt)),
          action: one ? "Open tenant" : "See tenants",
          target: one
            ? ({ kind: "tenant", tenantId: line.tenant.tenantId } as const)
            : ({ kind: "filter", health: blocked ? "degraded" : "warning" } as const),
        },
      ];
    },
  );
}

function unloadedNeeds(tenants: readonly TenantStanding[]): Need[] {
  const unloaded = tenants.filter(
    (tenant) => tenant.lastRun === null && tenant.tables.every((table) => table.state === "never"),
  );
  const [first] = unloaded;
  if (first === undefined) return [];
  const one = unloaded.length === 1;
  return [
    {
      key: "unloaded",
      status: "unknown",
      who: one ? first.name : plural(unloaded.length, "tenant"),
      what: one ? sourceName(first.sourceSystem) : "",
      sentence: one ? "Ready for its first load." : "Ready for their first load.",
      since: oldest(unloaded.map((tenant) => tenant.createdAt)),
      action: one ? "Open tenant" : "See tenants",
      target: one
        ? { kind: "tenant", tenantId: first.tenantId }
        : { kind: "filter", health: "unknown" },
    },
  ];
}

/**
 * What a person should look at, worst first and oldest first within. Equal causes are one line. Pure.
 *
 * @param asOf the moment it is true of, ISO in UTC
 */
export function needsYou(
  tenants: readonly TenantStanding[],
  asOf: string,
  plans: readonly WaitingPlan[] = [],
): Need[] {
  const needs = [
    ...runNeeds(tenants, asOf),
    ...planNeeds(tenants, plans),
    ...invariantNeeds(tenants),
    ...lateNeeds(tenants),
    ...unloadedNeeds(tenants),
  ];
  return needs.toSorted(
    (a, b) =>
      SEVERITY.indexOf(a.status) - SEVERITY.indexOf(b.status) ||
      (a.since ?? "").localeCompare(b.since ?? ""),
  );
}
