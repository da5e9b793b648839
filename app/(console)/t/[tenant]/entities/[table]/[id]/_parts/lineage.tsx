"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { modeWord } from "@/app/(console)/_parts/run-words";
import { useRead } from "@/app/(console)/_read/use-read";
import { Value } from "@/components/data/field-diff";
import { LineageChain, type LineageStep } from "@/components/data/lineage-chain";
import { RawViewer } from "@/components/data/raw-viewer";
import { RunStateWord } from "@/components/data/state-word";
import { CopyButton } from "@/components/ui/copy-button";
import { CutId, CutKey } from "@/components/ui/cut-text";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import {
  type EntityVersion,
  lineageContract,
  type LineageReply,
  rawRecordContract,
  type RawRecordReply,
} from "@/lib/contracts/entities";
import { sourceName } from "@/lib/source-name";
import { formatBytes, formatCount, plural, truncateId } from "@/lib/format";
import { formatAge, formatIsoUtc, formatMoment, toMs } from "@/lib/time";

/** Where a value comes from: the value, its version, the run, the object, the row. */
export function Lineage({
  tenantId,
  table,
  version,
  before,
  field,
  asOf,
  timeZone,
}: {
  tenantId: string;
  table: string;
  version: EntityVersion;
  before: EntityVersion | undefined;
  field: string | null;
  asOf: string;
  timeZone: string;
}) {
  const query = useRead(
    lineageContract,
    { tenantId, table, runId: version.runId, objectKey: version.sourceObject },
    { keepPrevious: false },
  );
  return (
    <section aria-label="Where this value comes from">
      <SectionHead
        name={field === null ? "Where this version comes from" : "Where this value comes from"}
        rule="none"
      />
      <ReadBody query={query} what="The lineage" timeZone={timeZone} skeletonRows={5}>
        {(reply) => (
          <LineageChain
            label="From the value down to the row"
            steps={stepsOf({ reply, version, before, field, asOf, timeZone })}
          />
        )}
      </ReadBody>
      <Delivered
        tenantId={tenantId}
        table={table}
        version={version}
        field={field}
        timeZone={timeZone}
      />
    </section>
  );
}

/** The row itself, read again from its object, with the field in question lit. */
function Delivered({
  tenantId,
  table,
  version,
  field,
  timeZone,
}: {
  tenantId: string;
  table: string;
  version: EntityVersion;
  field: string | null;
  timeZone: string;
}) {
  const query = useRead(
    rawRecordContract,
    { tenantId, table, objectKey: version.sourceObject, row: version.sourceRow },
    { keepPrevious: false },
  );
  return (
    <div className="px-4 pb-4">
      <ReadBody query={query} what="The delivered row" timeZone={timeZone} skeletonRows={4}>
        {(reply) =>
          reply.text === null ? (
            <p className="type-small text-ink-3">
              The row cannot be shown: {WHY[reply.why ?? "not in the object"]}.
            </p>
          ) : (
            <>
              <p className="type-small flex items-center gap-1 pb-1 text-ink-3">
                As delivered, read again from the object just now
                <CopyButton text={reply.text} label="Copy the row" />
              </p>
              <RawViewer text={reply.text} label="The row as it was delivered" lit={field} narrow />
              {reply.text.length >= RAW_CUT && (
                <p className="type-small pt-1 text-ink-3">
                  The beginning of {formatBytes(reply.bytes)} is shown.
                </p>
              )}
            </>
          )
        }
      </ReadBody>
    </div>
  );
}

/** At this length the server cut the row. */
const RAW_CUT = 50_000;

const WHY: Record<NonNullable<RawRecordReply["why"]>, string> = {
  "not in the ledger": "its object is not in the ledger any more",
  "gone from the store": "its object is gone from the store",
  "replaced in the store": "its object was replaced in the store since it was loaded",
  "not in the object": "the object has no such row any more",
  "the store cannot be read": "the store of objects cannot be read now",
};

function stepsOf({
  reply,
  version,
  before,
  field,
  asOf,
  timeZone,
}: {
  reply: LineageReply;
  version: EntityVersion;
  before: EntityVersion | undefined;
  field: string | null;
  asOf: string;
  timeZone: string;
}): LineageStep[] {
  const value = field === null ? undefined : version.values[field];
  const steps: LineageStep[] = [];
  if (field !== null && value !== undefined)
    steps.push({
      id: "value",
      icon: "circle-dot",
      title: (
        <>
          <span className="type-mono font-normal text-ink-2">{field}</span>
          <span className="line-clamp-3">
            <Value value={value} />
          </span>
        </>
      ),
      detail:
        before === undefined ? (
          "in the first version"
        ) : version.changed.includes(field) ? (
          <span className="line-clamp-2 [overflow-wrap:anywhere]">
            was <Value value={before.values[field] ?? null} /> in v{before.number}
          </span>
        ) : (
          `unchanged since v${before.number}`
        ),
    });
  const open =
    ((version.end === null ? toMs(asOf) : toMs(version.end)) - toMs(version.start)) / 1000;
  steps.push({
    id: "version",
    icon: "version",
    title: `Version ${version.number}`,
    detail: (
      <>
        effective {formatIsoUtc(version.start)}, {version.end === null ? "for" : "open"}{" "}
        {formatAge(open)}
        <CutId id={version.recordHash} label="record hash" />
      </>
    ),
  });
  const { run, object } = reply;
  steps.push({
    id: "run",
    icon: "activity",
    title: (
      <>
        <TextLink href={`/runs/${encodeURIComponent(version.runId)}`}>
          {run === null ? "Run" : modeWord(run.mode)} {truncateId(version.runId)}
        </TextLink>
        {run !== null && <RunStateWord state={run.status} className="type-small" />}
      </>
    ),
    detail:
      run === null
        ? "this run is no longer known"
        : run.finishedAt === null
          ? "not finished"
          : `${formatMoment(run.finishedAt, timeZone)}, ingested ${formatMoment(version.ingestedAt, timeZone)}`,
  });
  steps.push({
    id: "object",
    icon: "file",
    title: (
      <CutKey objectKey={version.sourceObject} max={46} label="object key" className="max-w-full" />
    ),
    detail:
      object === null ? (
        "this object is no longer in the ledger"
      ) : (
        <>
          <CutId id={object.etag} label="etag" />
          {formatBytes(object.bytes)}, {plural(object.rows, "row")}, {object.status}
        </>
      ),
  });
  steps.push({
    id: "row",
    icon: "hash",
    title: `Row ${formatCount(version.sourceRow)}`,
    detail: `last updated ${formatIsoUtc(version.lastUpdated)}, source ${sourceName(version.sourceSystem)}`,
  });
  return steps;
}
