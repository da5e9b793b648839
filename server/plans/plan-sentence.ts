import type { PlanFigures, PlanReason } from "@/lib/contracts/plans";
import { formatPercent, plural } from "@/lib/format";

/** Why a run stopped as a plan, in words. */
export function planSentence(
  reason: PlanReason,
  figures: Pick<PlanFigures, "deletions" | "currentBefore">,
): string {
  switch (reason) {
    case "asked":
      return "Started as a plan.";
    case "reload":
      return "A bulk load over a table that has history stops for approval.";
    case "extract": {
      const share = figures.deletions / Math.max(figures.currentBefore, 1);
      return `A full extract would delete ${plural(figures.deletions, "record")}, ${formatPercent(share)} of those that are current.`;
    }
  }
}

/** What a rejected plan leaves on its run's table. */
export function rejection(plan: {
  readonly decided_by: string;
  readonly decision_reason: string;
}): string {
  const by = plan.decided_by === "" ? "" : ` by ${plan.decided_by}`;
  const reason = plan.decision_reason.replace(/\.+$/, "");
  return `The plan was rejected${by}${reason === "" ? "" : `: ${reason}`}. Nothing was published.`;
}
