"use client";

import { useRouter } from "next/navigation";
import { AppliedFilter, FilterChipLink, FilterRow } from "@/components/ui/filter-chip";
import { SearchInput } from "@/components/ui/field";
import { SelectField } from "@/components/ui/select-field";
import { AUDIT_ACTIONS, AUDIT_OUTCOMES } from "@/lib/contracts/audit";
import { type AuditParams, auditHref } from "./search-params";
import { ACTION_WORDS, OUTCOME_LOOKS } from "./words";

const ANY = "any";

/** The filters of the audit; the address owns them, and changing one begins at the newest line again. */
export function AuditFilters({ params }: { params: AuditParams }) {
  const router = useRouter();
  const href = (change: Partial<AuditParams>) =>
    auditHref("/audit", { ...params, after: null, ...change });
  return (
    <div className="flex min-h-10 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5">
      <form
        role="search"
        className="max-sm:w-full"
        action={(form) => {
          const actor = String(form.get("actor") ?? "").trim();
          router.push(href({ actor: actor === "" ? null : actor.toLowerCase() }));
        }}
      >
        <SearchInput
          key={params.actor ?? ""}
          name="actor"
          aria-label="User name"
          placeholder="User name"
          defaultValue={params.actor ?? ""}
          className="w-44 max-sm:w-full"
        />
      </form>
      <SelectField
        label="Action"
        labelHidden
        options={[
          { value: ANY, label: "Any action" },
          ...AUDIT_ACTIONS.map((action) => ({ value: action, label: ACTION_WORDS[action] })),
        ]}
        value={params.action ?? ANY}
        onChange={(action) =>
          router.push(href({ action: AUDIT_ACTIONS.find((known) => known === action) ?? null }))
        }
        className="w-40 max-sm:w-full"
      />
      <FilterRow label="Outcome">
        {AUDIT_OUTCOMES.map((outcome) => (
          <FilterChipLink
            key={outcome}
            href={href({ outcome: params.outcome === outcome ? null : outcome })}
            on={params.outcome === outcome}
            icon={OUTCOME_LOOKS[outcome].icon}
          >
            {OUTCOME_LOOKS[outcome].word}
          </FilterChipLink>
        ))}
      </FilterRow>
      {params.tenant !== null && (
        <AppliedFilter href={href({ tenant: null })} label="tenant">
          tenant is {params.tenant}
        </AppliedFilter>
      )}
    </div>
  );
}
