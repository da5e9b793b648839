"use client";

import { useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { sourceName } from "@/lib/source-name";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { VersionTimeline } from "@/components/data/version-timeline";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageContext } from "@/components/shell/page-context";
import { PageHead } from "@/components/shell/page-head";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Kbd } from "@/components/ui/kbd";
import { SectionHead } from "@/components/ui/section-head";
import { Tag } from "@/components/ui/tag";
import {
  entityHistoryContract,
  type EntityHistoryReply,
  type EntityVersion,
} from "@/lib/contracts/entities";
import { formatCount, listNames, plural } from "@/lib/format";
import { toMs } from "@/lib/time";
import { showId } from "@/app/(console)/_parts/show-id";
import { AsOfBanner, AsOfButton } from "./_parts/as-of";
import { Difference } from "./_parts/difference";
import { inForceAt } from "./_parts/in-force";
import { Lineage } from "./_parts/lineage";
import { noiseOf, noisiestField } from "./_parts/noise";
import { VersionList } from "./_parts/version-list";
import { recordHref, recordParams, type RecordState } from "./search-params";

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
  const was = params.at === null ? undefined : inForceAt(versions, data.total, params.at);
  const then = was?.kind === "version" ? was.version : was?.shown;
  const b = find(params.b) ?? then ?? newest;
  if (b === undefined) return null;
  const beforeB = versions[versions.indexOf(b) - 1];
  const a = find(params.a) ?? beforeB ?? b;
  const base = `/t/${encodeURIComponent(data.tenantId)}/entities/${data.tableName}/${data.key}`;
  const { field: asked, all, at, fold } = params;
  const state: RecordState = { a: a.number, b: b.number, field: asked, all, at, fold };
  const noise = noiseOf(versions, fold);
  const noisiest = fold.length === 0 ? noisiestField(versions) : undefined;
  const backToNow = { a: null, b: null, at: null, all: false };
  const deletions = countDeletions(versions);
  const field = asked !== null && data.columns.includes(asked) ? asked : null;

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
            {noise.size > 0 && (
              <span>
                {formatCount(noise.size)} changed only {listNames(fold, 2)}
              </span>
            )}
            <span className="ml-auto flex items-center gap-1.5 max-sm:hidden">
              <Kbd>←</Kbd>
              <Kbd>→</Kbd> move the handle, <Kbd>Tab</Kbd> the other
            </span>
          </>
        }
        actions={
          <AsOfButton
            key={at?.toISOString() ?? "now"}
            at={at}
            asOf={data.asOf}
            tenantZone={data.timeZone}
            timeZone={timeZone}
            onChange={(next) =>
              void setParams(next === null ? backToNow : { ...backToNow, at: next, all: true })
            }
          />
        }
      />
      {at !== null && was !== undefined && (
        <AsOfBanner
          at={at}
          was={was}
          tenantZone={data.timeZone}
          timeZone={timeZone}
          onBack={() => void setParams(backToNow)}
        />
      )}
      <div className="overflow-x-clip border-b border-line-2 px-4 pb-2">
        <VersionTimeline
          versions={versions.map((version) => ({
            number: version.number,
            fromMs: toMs(version.start),
            toMs: version.end === null ? null : toMs(version.end),
            noise: noise.has(version.number),
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
          <SectionHead
            name="Versions"
            fact={noise.size === 0 ? "newest first" : `newest first, ${noise.size} folded`}
            rule="none"
            actions={
              noise.size === 0 ? undefined : (
                <Button
                  size="small"
                  kind="quiet"
                  onClick={() => void setParams({ ...state, fold: [] })}
                >
                  Show all
                </Button>
              )
            }
          />
          {noisiest !== undefined && (
            <p className="type-small flex flex-wrap items-center gap-x-2 border-t border-line px-4 py-1 text-ink-2">
              {formatCount(noisiest.versions)} of {formatCount(versions.length)} changed only{" "}
              <span className="type-mono">{noisiest.field}</span>
              <Button
                size="small"
                kind="quiet"
                onClick={() => void setParams({ ...state, fold: [noisiest.field] })}
              >
                Fold them
              </Button>
            </p>
          )}
          <VersionList
            versions={versions}
            a={a.number}
            b={b.number}
            noise={noise}
            hrefOf={(number) => recordHref(base, { ...state, a: null, b: number })}
            asOf={data.asOf}
            timeZone={timeZone}
          />
        </Pane>
        <Pane name="Difference">
          <Difference
            data={data}
            a={a}
            b={b}
            noise={noise}
            state={state}
            timeZone={timeZone}
            hrefOf={(field) => recordHref(base, { ...state, field })}
            onChange={(next) => void setParams({ ...state, ...next })}
          />
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
