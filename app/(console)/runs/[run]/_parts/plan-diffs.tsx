import { FieldDiff } from "@/components/data/field-diff";
import { Icon } from "@/components/ui/icon";
import { TextLink } from "@/components/ui/text-link";
import type { PlanDiff } from "@/lib/contracts/plans";
import { listNames, plural } from "@/lib/format";

const EFFECTS: Readonly<Record<PlanDiff["effect"], string>> = {
  new: "new",
  changed: "changed",
  deleted: "deleted",
  past: "changed in the past only",
};

/** Some of the records that a plan would change, folded; each opens to its fields before and after. */
export function PlanDiffs({
  diffs,
  tenantId,
  tableName,
}: {
  diffs: readonly PlanDiff[];
  tenantId: string;
  tableName: string;
}) {
  return (
    <div>
      {diffs.map((diff) => (
        <details key={diff.entityId} className="group border-b border-line">
          <summary className="focus-inset type-small flex min-h-8 items-center gap-2 px-4 text-ink-2 hover:bg-hover max-sm:min-h-11">
            <Icon
              name="chevron-right"
              size={12}
              className="shrink-0 transition-transform duration-120 group-open:rotate-90"
            />
            <span className="type-mono shrink-0 text-ink">{diff.entityId}</span>
            <span className="min-w-0 truncate">
              {EFFECTS[diff.effect]}
              {diff.effect === "changed" ? `: ${changedNames(diff)}` : ""}
            </span>
            <span className="ml-auto shrink-0 text-ink-3">{plural(diff.versions, "version")}</span>
          </summary>
          {diff.fields.length > 0 && (
            <FieldDiff
              fields={diff.fields}
              headA="Current version before"
              headB={diff.effect === "deleted" ? "Deleted" : "Current version after"}
            />
          )}
          {diff.effect !== "new" && (
            <p className="type-small px-4 py-2">
              <TextLink
                href={`/t/${encodeURIComponent(tenantId)}/entities/${tableName}/${encodeURIComponent(diff.entityId)}`}
              >
                History of {diff.entityId}
              </TextLink>
            </p>
          )}
        </details>
      ))}
    </div>
  );
}

function changedNames(diff: PlanDiff): string {
  return listNames(
    diff.fields.filter(({ a, b }) => a !== b).map(({ name }) => name),
    3,
  );
}
