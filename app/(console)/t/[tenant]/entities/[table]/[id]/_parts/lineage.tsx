"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { modeWord } from "@/app/(console)/_parts/run-words";
import { useRead } from "@/app/(console)/_read/use-read";
import { Value } from "@/components/data/field-diff";
import { LineageChain, type LineageStep } from "@/components/data/lineage-chain";
import { RunStateWord } from "@/components/data/state-word";
import { CutId, CutKey } from "@/components/ui/cut-text";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import { type EntityVersion, lineageContract, type LineageReply } from "@/lib/contracts/entities";
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
    </section>
  );
}

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
