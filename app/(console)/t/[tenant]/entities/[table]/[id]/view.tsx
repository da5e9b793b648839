"use client";

import { useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { sourceName } from "@/lib/source-name";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { ChangeMatrix } from "@/components/data/change-matrix";
import { FieldDiff } from "@/components/data/field-diff";
import { VersionTimeline } from "@/components/data/version-timeline";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageContext } from "@/components/shell/page-context";
import { PageHead } from "@/components/shell/page-head";
import { CopyButton } from "@/components/ui/copy-button";
import { FilterChip } from "@/components/ui/filter-chip";
import { Kbd } from "@/components/ui/kbd";
import { SectionHead } from "@/components/ui/section-head";
import { Tag } from "@/components/ui/tag";
import {
  entityHistoryContract,
  type EntityHistoryReply,
  type EntityVersion,
} from "@/lib/contracts/entities";
import { formatCount, plural } from "@/lib/format";
import { recordMoment } from "@/app/(console)/_parts/record-moment";
import { toMs } from "@/lib/time";
import { showId } from "@/app/(console)/_parts/show-id";
import { Lineage } from "./_parts/lineage";
import { VersionList } from "./_parts/version-list";
import { recordHref, recordParams } from "./search-params";

/** Most versions that the matrix has a column for; beyond it the newest are shown. */
const MATRIX_COLUMNS = 40;

/** The history of one record: which versions, what differs between two, and where a value comes from. */
export function RecordView({
  tenantId,
  table,
  label,
  recordKey,
  timeZone,
}: {
  tenantId: string;
  table: string;
  /** What one record is called: `Ticket`. */
  label: string;
  recordKey: string;
  timeZone: string;
}) {
  useLive();
  const query = useRead(
    entityHistoryContract,
    { tenantId, table, key: recordKey },
    { topics: [`tenant:${tenantId}`], keepPrevious: false },
  );
  return (
    <Page>
      <ReadBody query={query} what="This record" timeZone={timeZone} level={1}>
        {(data) => (
          <>
            <PageContext tenantId={tenantId} crumb={showId(data.id, 28)} />
            <History data={data} label={label} timeZone={timeZone} />
          </>
        )}
      </ReadBody>
    </Page>
  );
}

/** The shortest stretch that is drawn of a version in force, when it is the only thing on the axis beside older ones. */
const HOUR_MS = 3_600_000;

/**
 * Where the timeline ends. A version that has been in force for years would squeeze all others to nothing, so at most a
 * quarter of what went before is drawn of it: its arrow says that it goes on.
 */
function endOfAxis(versions: readonly EntityVersion[], nowMs: number): number {
  const [first] = versions;
  const last = versions.at(-1);
  if (first === undefined || last === undefined || first === last) return nowMs;
  const before = toMs(last.start) - toMs(first.start);
  return Math.min(nowMs, toMs(last.end ?? last.start) + Math.max(before / 4, HOUR_MS));
}

function countDeletions(versions: readonly EntityVersion[]): number {
  return versions.filter((version, index) => {
    const next = versions[index + 1];
    return version.end !== null && (next === undefined || next.start > version.end);
  }).length;
}

function History({
  data,
  label,
  timeZone,
}: {
  data: EntityHistoryReply;
  label: string;
  timeZone: string;
}) {
  const [params, setParams] = useQueryStates(recordParams);
  const { versions } = data;
  const newest = versions.at(-1);
  const find = (number: number | null) => versions.find((version) => version.number === number);
  const b = find(params.b) ?? newest;
  if (b === undefined) return null;
  const beforeB = versions[versions.indexOf(b) - 1];
  const a = find(params.a) ?? beforeB ?? b;
  const base = `/t/${encodeURIComponent(data.tenantId)}/entities/${data.tableName}/${data.key}`;
  const state = { a: a.number, b: b.number, field: params.field, all: params.all };
  const deletions = countDeletions(versions);
  const everChanged = data.columns.filter((name) =>
    versions.some((version) => version.changed.includes(name)),
  );
  const columns = versions.slice(-MATRIX_COLUMNS);
  const fields = data.columns.map((name) => ({
    name,
    a: a.values[name] ?? null,
    b: b.values[name] ?? null,
  }));
  const differing = fields.filter((field) => field.a !== field.b).length;
  const field = params.field !== null && data.columns.includes(params.field) ? params.field : null;

  return (
    <>
      <PageHead
        ruled={false}
        title={`${label} ${showId(data.id, 48)}`}
        tag={
          data.broken.length === 0 ? (
            <Tag hue="good" icon="check">
              {data.invariants} of {data.invariants} invariants
            </Tag>
          ) : (
            <Tag hue="bad" icon="circle-x">
              {data.broken.join(", ")}
            </Tag>
          )
        }
        sentence={
          <span className="flex min-w-0 items-center gap-2">
            <CopyButton text={data.id} label="Copy the id" />
            <span className="line-clamp-1 min-w-0">{data.title ?? ""}</span>
          </span>
        }
        facts={
          <>
            <span>
              {plural(data.total, "version")}
              {data.total > versions.length
                ? `, the newest ${formatCount(versions.length)} shown`
                : ""}
              {deletions > 0 ? `, ${plural(deletions, "deletion")}` : ""},{" "}
              {plural(data.columns.length, "field")}
            </span>
            <span>{data.tenantName}</span>
            <span>{sourceName(newest?.sourceSystem ?? "")}</span>
            <span className="ml-auto flex items-center gap-1.5 max-sm:hidden">
              <Kbd>←</Kbd>
              <Kbd>→</Kbd> move the handle, <Kbd>Tab</Kbd> the other
            </span>
          </>
        }
      />
      <div className="overflow-x-clip border-b border-line-2 px-4 pb-2">
        <VersionTimeline
          versions={versions.map((version) => ({
            number: version.number,
            fromMs: toMs(version.start),
            toMs: version.end === null ? null : toMs(version.end),
          }))}
          a={a.number}
          b={b.number}
          onMove={(handle, number) => void setParams({ ...state, [handle]: number })}
          nowMs={endOfAxis(versions, toMs(data.asOf))}
          timeZone={timeZone}
        />
      </div>
      <Panes>
        <Pane name="Versions" width="narrow">
          <SectionHead name="Versions" fact="newest first" rule="none" />
          <VersionList
            versions={versions}
            a={a.number}
            b={b.number}
            hrefOf={(number) => recordHref(base, { ...state, a: null, b: number })}
            asOf={data.asOf}
            timeZone={timeZone}
          />
        </Pane>
        <Pane name="Difference">
          <SectionHead
            name="Difference"
            fact={`${differing} of ${plural(data.columns.length, "field")} ${differing === 1 ? "differs" : "differ"}`}
            rule="none"
            className="py-1"
            actions={
              <>
                <FilterChip on={!params.all} onToggle={() => void setParams({ all: false })}>
                  Changed
                </FilterChip>
                <FilterChip on={params.all} onToggle={() => void setParams({ all: true })}>
                  All {data.columns.length}
                </FilterChip>
              </>
            }
          />
          <FieldDiff
            fields={fields}
            headA={<VersionHead letter="A" version={a} asOf={data.asOf} timeZone={timeZone} />}
            headB={<VersionHead letter="B" version={b} asOf={data.asOf} timeZone={timeZone} />}
            all={params.all}
            selected={field}
            hrefFor={(name) => recordHref(base, { ...state, field: name })}
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
                fact={`${everChanged.length} of ${plural(data.columns.length, "field")} ever changed${columns.length < versions.length ? `, newest ${columns.length} versions` : ""}`}
                rule="new"
                className="mt-2"
              />
              <ChangeMatrix
                versions={columns.map((version) => version.number)}
                rows={everChanged.map((name) => ({
                  field: name,
                  cells: columns.map((version) =>
                    version.changed.includes(name) ? ("changed" as const) : ("none" as const),
                  ),
                }))}
                a={a.number}
                b={b.number}
                onPick={(number) => void setParams({ ...state, b: number })}
              />
            </>
          )}
        </Pane>
        <Pane name="Where it comes from" width="side">
          <Lineage
            key={`${b.number} ${field}`}
            tenantId={data.tenantId}
            table={data.tableName}
            version={b}
            before={beforeB}
            field={field}
            asOf={data.asOf}
            timeZone={timeZone}
          />
        </Pane>
      </Panes>
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
