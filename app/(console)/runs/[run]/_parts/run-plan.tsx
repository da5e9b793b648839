"use client";

import { Banner } from "@/components/ui/banner";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import type { PlanStatus, RunPlanReply, TablePlan } from "@/lib/contracts/plans";
import { formatBytes, formatCount, plural, truncateId } from "@/lib/format";
import { formatDuration, formatMoment } from "@/lib/time";
import { PlanDiffs } from "./plan-diffs";
import { PlanTable } from "./plan-table";

const STATES: Readonly<Record<PlanStatus, string>> = {
  waiting: "waits for approval",
  applying: "is being applied",
  applied: "applied",
  rejected: "rejected",
  stale: "is being planned anew",
};

/** What a run that stopped would do, or did when it was applied: figures by table, why it stopped, and a sample of records. */
export function RunPlan({
  reply,
  tenantId,
  timeZone,
}: {
  reply: RunPlanReply;
  tenantId: string;
  timeZone: string;
}) {
  const { tables } = reply;
  const sentences = [...new Set(tables.map((plan) => plan.sentence))];
  const shared = sentences.length === 1 && tables.length > 1 ? sentences[0] : undefined;
  const lines = tables.flatMap(({ tableName, figures, previous }) => [
    { key: tableName, name: tableName, figures, isFormer: false },
    ...(previous === null
      ? []
      : [
          {
            key: `${tableName} before`,
            name: "was planned",
            figures: previous.figures,
            isFormer: true,
          },
        ]),
  ]);
  return (
    <section aria-label="Plan" className="border-b border-line-2">
      <SectionHead name="Plan" fact={fact(tables, timeZone)} rule="none" />
      {shared !== undefined && <p className="type-base px-4 pb-2 text-ink-2">{shared}</p>}
      <PlanTable lines={lines} />
      {tables.map((plan) => (
        <OneTable
          key={plan.tableName}
          plan={plan}
          tenantId={tenantId}
          sentence={shared === undefined ? plan.sentence : undefined}
        />
      ))}
    </section>
  );
}

function fact(tables: readonly TablePlan[], timeZone: string): string {
  const waiting = tables.filter((plan) => plan.status === "waiting" && plan.decision === "");
  if (waiting.length === 0) {
    return [...new Set(tables.map(stateOf))].join(", ");
  }
  const expires = waiting.map((plan) => plan.expiresAt).toSorted()[0] ?? "";
  return `nothing of it is visible; expires ${formatMoment(expires, timeZone)}`;
}

/** A plan that somebody has decided on, but whose run is still in the queue, is as good as under way. */
function stateOf(plan: TablePlan): string {
  const by = plan.decidedBy === "" ? "" : ` by ${plan.decidedBy}`;
  if (plan.status === "waiting" && plan.decision === "apply") return `to be applied${by}`;
  if (plan.status === "waiting" && plan.decision === "reject") return `rejected${by}`;
  return `${STATES[plan.status]}${plan.status === "waiting" || plan.status === "stale" ? "" : by}`;
}

function OneTable({
  plan,
  tenantId,
  sentence,
}: {
  plan: TablePlan;
  tenantId: string;
  /** Why it stopped, where that is not said of all tables at once. */
  sentence: string | undefined;
}) {
  const { figures } = plan;
  return (
    <section aria-label={`Plan of ${plan.tableName}`}>
      <SectionHead level={3} name={plan.tableName} fact={stateOf(plan)} rule="new" />
      {plan.previous !== null && (
        <Banner hue="warn" icon="triangle-alert" strong="Planned anew.">
          {plan.previous.changes.join(" ")}
        </Banner>
      )}
      {plan.overtakenBy !== null && (
        <Banner hue="warn" icon="triangle-alert" strong="Out of date.">
          <TextLink href={`/runs/${encodeURIComponent(plan.overtakenBy)}`}>
            Run {truncateId(plan.overtakenBy)}
          </TextLink>{" "}
          has published into this table since. Applying publishes nothing and plans anew.
        </Banner>
      )}
      <div className="type-base grid gap-1 px-4 pb-2 text-ink-2">
        {sentence !== undefined && <p>{sentence}</p>}
        <p>{inWords(figures)}</p>
        {figures.rejects.length > 0 && (
          <p>
            Rejects:{" "}
            {figures.rejects
              .map(
                ({ rule, field, rows }) =>
                  `${field === "" ? "" : `${field} `}${rule} ${formatCount(rows)}`,
              )
              .join(", ")}
            .
          </p>
        )}
        {plan.status === "rejected" && plan.decisionReason !== "" && (
          <p>Rejected: {plan.decisionReason}</p>
        )}
      </div>
      {figures.diffs.length > 0 && (
        <div className="border-t border-line">
          <PlanDiffs diffs={figures.diffs} tenantId={tenantId} tableName={plan.tableName} />
          <p className="type-small px-4 py-1.5 text-ink-3">
            {plural(figures.diffs.length, "record")} shown, at most five of each kind.
          </p>
        </div>
      )}
    </section>
  );
}

function inWords(figures: TablePlan["figures"]): string {
  const parts = [
    `${formatBytes(figures.bytes)} read`,
    figures.currentBefore === figures.currentAfter && figures.entitiesNew + figures.deletions === 0
      ? `${plural(figures.currentBefore, "current record")}, as now`
      : `${plural(figures.entitiesNew, "new record")}, ${plural(figures.deletions, "record")} deleted: ${formatCount(figures.currentBefore)} current now, ${formatCount(figures.currentAfter)} then`,
    ...(figures.extracts.length > 0
      ? [`${plural(figures.extracts.length, "full extract")} counted`]
      : []),
    ...(figures.deadObjects > 0
      ? [`${plural(figures.deadObjects, "object")} cannot be taken in`]
      : []),
    `planned in ${formatDuration(figures.planSeconds)}`,
  ];
  return `${parts.join("; ")}.`;
}
