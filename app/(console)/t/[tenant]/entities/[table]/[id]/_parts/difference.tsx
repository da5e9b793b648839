"use client";

import { recordMoment } from "@/app/(console)/_parts/record-moment";
import { type ChangeCell, ChangeMatrix } from "@/components/data/change-matrix";
import { FieldDiff } from "@/components/data/field-diff";
import { FilterChip } from "@/components/ui/filter-chip";
import { SectionHead } from "@/components/ui/section-head";
import type { EntityHistoryReply, EntityVersion } from "@/lib/contracts/entities";
import { plural } from "@/lib/format";
import type { RecordState } from "../search-params";

/** Most versions that the matrix has a column for; beyond it the newest are shown. */
const MATRIX_COLUMNS = 40;

function cellOf(version: EntityVersion, name: string, folded: readonly string[]): ChangeCell {
  if (!version.changed.includes(name)) return "none";
  return folded.includes(name) ? "noise" : "changed";
}

/** What differs between the two chosen versions, and which field changed in which version. */
export function Difference({
  data,
  a,
  b,
  noise,
  state,
  timeZone,
  hrefOf,
  onChange,
}: {
  data: EntityHistoryReply;
  a: EntityVersion;
  b: EntityVersion;
  /** Versions that changed folded fields only: the matrix leaves them out, but for the two that are compared. */
  noise: ReadonlySet<number>;
  state: RecordState;
  timeZone: string;
  /** Where a click on a field leads. */
  hrefOf: (field: string) => string;
  onChange: (next: Partial<RecordState>) => void;
}) {
  const { versions } = data;
  const everChanged = data.columns.filter((name) =>
    versions.some((version) => version.changed.includes(name)),
  );
  const worthShowing = versions.filter(
    (version) => !noise.has(version.number) || version === a || version === b,
  );
  const columns = worthShowing.slice(-MATRIX_COLUMNS);
  const fields = data.columns.map((name) => ({
    name,
    a: a.values[name] ?? null,
    b: b.values[name] ?? null,
  }));
  const differing = fields.filter((field) => field.a !== field.b).length;
  return (
    <>
      <SectionHead
        name="Difference"
        fact={`${differing} of ${plural(data.columns.length, "field")} ${differing === 1 ? "differs" : "differ"}`}
        rule="none"
        className="py-1"
        actions={
          <>
            <FilterChip on={!state.all} onToggle={() => onChange({ all: false })}>
              Changed
            </FilterChip>
            <FilterChip on={state.all} onToggle={() => onChange({ all: true })}>
              All {data.columns.length}
            </FilterChip>
          </>
        }
      />
      <FieldDiff
        fields={fields}
        headA={<VersionHead letter="A" version={a} asOf={data.asOf} timeZone={timeZone} />}
        headB={<VersionHead letter="B" version={b} asOf={data.asOf} timeZone={timeZone} />}
        all={state.all}
        selected={state.field}
        hrefFor={hrefOf}
      />
      {b.cut.length > 0 && (
        <p className="type-small px-4 py-1 text-ink-3">
          {b.cut.join(", ")}: long text, its first 4 000 characters are shown.
        </p>
      )}
      {everChanged.length > 0 && (
        <>
          <SectionHead
            name="What changed when"
            fact={`${everChanged.length} of ${plural(data.columns.length, "field")} ever changed${columns.length < worthShowing.length ? `, newest ${columns.length} versions` : ""}`}
            rule="new"
            className="mt-2"
          />
          <ChangeMatrix
            versions={columns.map((version) => version.number)}
            rows={everChanged.map((name) => ({
              field: name,
              cells: columns.map((version) => cellOf(version, name, state.fold)),
            }))}
            a={a.number}
            b={b.number}
            onPick={(number) => onChange({ b: number })}
            folded={state.fold}
            onFold={(name) =>
              onChange({
                fold: state.fold.includes(name)
                  ? state.fold.filter((one) => one !== name)
                  : [...state.fold, name],
              })
            }
          />
        </>
      )}
    </>
  );
}

function VersionHead({
  letter,
  version,
  asOf,
  timeZone,
}: {
  letter: "A" | "B";
  version: EntityVersion;
  asOf: string;
  timeZone: string;
}) {
  return (
    <>
      <strong className="font-semibold text-ink">
        {letter}, v{version.number}
      </strong>{" "}
      {recordMoment(version.start, asOf, timeZone)} –{" "}
      {version.end === null ? "current" : recordMoment(version.end, asOf, timeZone)}
    </>
  );
}
