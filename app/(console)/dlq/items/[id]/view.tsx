"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { itemName } from "@/app/(console)/dlq/_parts/items-table";
import { dlqHref } from "@/app/(console)/dlq/search-params";
import { Mending } from "./_parts/mending";
import { RawViewer } from "@/components/data/raw-viewer";
import { RunStateWord } from "@/components/data/state-word";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageContext } from "@/components/shell/page-context";
import { PageHead } from "@/components/shell/page-head";
import { CopyButton } from "@/components/ui/copy-button";
import { CutId, CutKey } from "@/components/ui/cut-text";
import { Facts } from "@/components/ui/facts";
import { Icon } from "@/components/ui/icon";
import { SectionHead } from "@/components/ui/section-head";
import { Tag } from "@/components/ui/tag";
import { TextLink } from "@/components/ui/text-link";
import { entityOf } from "@/lib/catalog";
import {
  deadLetterContract,
  type DeadLetterItem,
  deadLettersContract,
  type FieldError,
} from "@/lib/contracts/dlq";
import { formatBytes, formatCount, plural, truncateId } from "@/lib/format";
import { formatIsoUtc, formatLongMoment, formatNear } from "@/lib/time";

const SHOWN_IN_GROUP = 8;

/** One dead letter: the record with its faulty lines lit, what is wrong field by field, where it came from, and others like it. */
export function DeadLetterView({
  id,
  timeZone,
  ...may
}: {
  id: string;
  timeZone: string;
  whyNotReplay: string | null;
  whyNotDiscard: string | null;
}) {
  useLive();
  const query = useRead(deadLetterContract, { id }, { topics: ["dlq"], keepPrevious: false });
  return (
    <Page>
      <ReadBody query={query} what="This dead letter" timeZone={timeZone} level={1}>
        {({ item }) => (
          <>
            <PageContext tenantId={item.tenantId} crumb={itemName(item)} />
            <Head item={item} timeZone={timeZone} />
            <Mending key={item.id} item={item} {...may}>
              {({ form, verdict }) => (
                <Panes>
                  <Pane name="Raw record and where it came from">
                    <RawRecord item={item} />
                    <Errors item={item} />
                    <Origin item={item} timeZone={timeZone} />
                  </Pane>
                  <Pane name="Mend and dry run" width="wide">
                    {form}
                    {verdict(timeZone)}
                    <MoreInGroup item={item} timeZone={timeZone} />
                  </Pane>
                </Panes>
              )}
            </Mending>
          </>
        )}
      </ReadBody>
    </Page>
  );
}

function titleOf(item: DeadLetterItem): string {
  if (item.kind === "run") return "Run that died";
  if (item.kind === "object") return "Object that cannot be taken in";
  const label = entityOf(item.tableName)?.label ?? "Record";
  return item.entityId === "" ? `${label} without a readable id` : `${label} ${itemName(item)}`;
}

function StatusTag({ item }: { item: DeadLetterItem }) {
  switch (item.status) {
    case "open":
      return (
        <Tag hue="bad" icon="circle-x">
          {item.kind === "record" ? "Rejected" : "Failed"}
        </Tag>
      );
    case "replayed":
      return (
        <Tag hue="good" icon="circle-check">
          Mended
        </Tag>
      );
    case "discarded":
      return <Tag icon="trash">Discarded</Tag>;
    case "superseded":
      return <Tag icon="history">Superseded</Tag>;
  }
}

function Head({ item, timeZone }: { item: DeadLetterItem; timeZone: string }) {
  return (
    <PageHead
      title={titleOf(item)}
      tag={<StatusTag item={item} />}
      sentence={item.cause}
      facts={
        <>
          <TextLink href={`/t/${encodeURIComponent(item.tenantId)}`}>{item.tenantName}</TextLink>
          {item.tableName !== "" && <span>{item.tableName}</span>}
          <span title={formatIsoUtc(item.firstSeen)}>
            first seen {formatLongMoment(item.firstSeen, timeZone)}
          </span>
          <span title={formatIsoUtc(item.lastSeen)}>
            last seen {formatLongMoment(item.lastSeen, timeZone)}
          </span>
          {item.entityKey !== null && (
            <TextLink
              href={`/t/${encodeURIComponent(item.tenantId)}/entities/${item.tableName}/${item.entityKey}`}
            >
              History of this record
            </TextLink>
          )}
        </>
      }
    />
  );
}

/** The reason beside a faulty line, in a few words. */
const RULE_WORDS: Readonly<Record<string, string>> = {
  required: "missing",
  numeric: "not numeric",
  integer: "not an integer",
  email: "not an address",
  datetime: "not a time",
  json: "not JSON",
  encoding: "not UTF-8",
};

function RawRecord({ item }: { item: DeadLetterItem }) {
  const cut = item.raw.length < item.rawBytes && item.raw.length >= 200_000;
  return (
    <section aria-label="As it was delivered" className="pb-3">
      <SectionHead
        name={item.kind === "run" ? "What was asked for" : "Raw record"}
        rule="none"
        fact={
          item.kind === "record"
            ? `row ${formatCount(item.sourceRow)}${item.objectRows === null ? "" : ` of ${formatCount(item.objectRows)}`}, ${formatBytes(item.rawBytes)}`
            : undefined
        }
        actions={
          item.raw === "" ? undefined : (
            <CopyButton text={item.raw} label="Copy the record" visibleLabel="Copy" />
          )
        }
      />
      <div className="px-4">
        {item.raw === "" ? (
          <p className="text-ink-3">
            {item.kind === "object"
              ? "The object as a whole could not be taken in, so there is no record to show."
              : "The record was empty."}
          </p>
        ) : (
          <RawViewer
            text={item.raw}
            label="Raw record"
            faults={
              item.kind === "record"
                ? item.errors.map((error) => ({
                    ...(error.field === "" ? { line: 1 } : { key: error.field }),
                    reason: RULE_WORDS[error.rule] ?? error.rule,
                  }))
                : []
            }
          />
        )}
        {cut && (
          <p className="type-small pt-1 text-ink-3">
            The beginning of {formatBytes(item.rawBytes)} is shown.
          </p>
        )}
      </div>
    </section>
  );
}

function Origin({ item, timeZone }: { item: DeadLetterItem; timeZone: string }) {
  return (
    <section aria-label="Where it came from" className="pb-4">
      <SectionHead name="Where it came from" rule="new" />
      <Facts
        className="px-4"
        facts={[
          ...(item.objectKey === ""
            ? []
            : [
                {
                  name: "object",
                  value: (
                    <CutKey
                      objectKey={item.objectKey}
                      max={60}
                      label="object key"
                      className="max-w-full"
                    />
                  ),
                },
              ]),
          ...(item.etag === ""
            ? []
            : [{ name: "etag", value: <CutId id={item.etag} label="etag" /> }]),
          ...(item.sourceRow === 0 ? [] : [{ name: "row", value: formatCount(item.sourceRow) }]),
          ...(item.objectBytes === null
            ? []
            : [{ name: "size", value: formatBytes(item.objectBytes) }]),
          ...(item.runId === ""
            ? []
            : [
                {
                  name: "run",
                  value: (
                    <span className="flex flex-wrap items-center gap-2">
                      <TextLink
                        href={`/runs/${encodeURIComponent(item.runId)}`}
                        className="type-mono"
                      >
                        {truncateId(item.runId)}
                      </TextLink>
                      {item.runStatus !== null && <RunStateWord state={item.runStatus} />}
                    </span>
                  ),
                },
              ]),
          { name: "fingerprint", value: <CutId id={item.fingerprint} label="fingerprint" /> },
          { name: "attempts", value: attemptsWords(item) },
          ...(item.resolvedAt === null
            ? []
            : [
                {
                  name: "resolved",
                  value: `${formatLongMoment(item.resolvedAt, timeZone)}${item.resolvedBy === "" ? "" : ` by ${item.resolvedBy}`}${item.resolution === "" ? "" : `: ${item.resolution}`}`,
                },
              ]),
          ...(item.resolvedAt === null && item.resolution !== ""
            ? [{ name: "last replay", value: item.resolution }]
            : []),
        ]}
      />
    </section>
  );
}

function attemptsWords({ attempts, replays }: DeadLetterItem): string {
  return `${formatCount(attempts)}, ${replays === 0 ? "no replay yet" : plural(replays, "replay")}`;
}

function Errors({ item }: { item: DeadLetterItem }) {
  return (
    <section aria-label="Errors">
      <SectionHead
        name={
          item.kind === "record"
            ? plural(item.errors.length, "error")
            : item.kind === "object"
              ? "Why it cannot be taken in"
              : "Why it died"
        }
        fact={item.kind === "record" ? "by field" : undefined}
        rule="none"
      />
      <ul className="border-t border-line">
        {item.errors.map((error) => (
          <ErrorLine key={`${error.field} ${error.rule} ${error.message}`} error={error} />
        ))}
      </ul>
    </section>
  );
}

function ErrorLine({ error }: { error: FieldError }) {
  return (
    <li className="border-b border-line px-4 py-2">
      <div className="flex flex-wrap items-baseline gap-x-3">
        {error.field !== "" && (
          <span className="type-mono font-medium text-ink">{error.field}</span>
        )}
        <span className="type-small text-ink-3">{error.rule}</span>
      </div>
      <p className="flex items-start gap-1.25 text-bad">
        <Icon name="circle-x" className="mt-0.5" />
        <span className="min-w-0 [overflow-wrap:anywhere]">{error.message}</span>
      </p>
      {error.value !== "" && (
        <p className="type-mono mt-1 rounded-control border border-line bg-sunken px-2 py-0.5 [overflow-wrap:anywhere]">
          {error.value}
        </p>
      )}
    </li>
  );
}

function MoreInGroup({ item, timeZone }: { item: DeadLetterItem; timeZone: string }) {
  const query = useRead(
    deadLettersContract,
    {
      status: "any",
      fingerprint: item.fingerprint,
      tenant: item.tenantId,
      limit: SHOWN_IN_GROUP + 1,
    },
    { topics: ["dlq"] },
  );
  const href = dlqHref("/dlq", { status: "any", tenant: item.tenantId, group: item.fingerprint });
  return (
    <section aria-label="More in this group">
      <SectionHead
        name="More in this group"
        rule="new"
        className="mt-2"
        actions={
          query.data === undefined ? undefined : (
            <TextLink href={href}>
              All {formatCount(query.data.matching.count)}
              {query.data.matching.capped ? "+" : ""}
            </TextLink>
          )
        }
      />
      <ReadBody query={query} what="Others like it" timeZone={timeZone} skeletonRows={4}>
        {(data) => {
          const others = data.rows.filter((row) => row.id !== item.id).slice(0, SHOWN_IN_GROUP);
          if (others.length === 0)
            return (
              <p className="border-t border-line px-4 py-2 text-ink-3">
                It is the only one of this tenant.
              </p>
            );
          return (
            <ul className="border-t border-line">
              {others.map((row) => (
                <li
                  key={row.id}
                  className="relative flex min-h-7 items-center gap-4 border-b border-line px-4 hover:bg-hover"
                >
                  <TextLink
                    href={`/dlq/items/${encodeURIComponent(row.id)}`}
                    className="stretch-link type-mono w-40 shrink-0 truncate font-normal text-ink"
                  >
                    {itemName(row)}
                  </TextLink>
                  <span className="type-mono min-w-0 flex-1 truncate text-ink-2">
                    {row.value === "" ? "" : JSON.stringify(row.value)}
                  </span>
                  <time
                    dateTime={row.lastSeen}
                    title={formatIsoUtc(row.lastSeen)}
                    className="type-small text-ink-3"
                  >
                    {formatNear(row.lastSeen, data.asOf, timeZone)}
                  </time>
                </li>
              ))}
            </ul>
          );
        }}
      </ReadBody>
    </section>
  );
}
