"use client";

import { useQueryStates } from "nuqs";
import { useState } from "react";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { SectionHead } from "@/components/ui/section-head";
import { SelectField } from "@/components/ui/select-field";
import { TextLink } from "@/components/ui/text-link";
import { tableNames } from "@/lib/catalog";
import {
  DEAD_LETTER_KINDS,
  deadLetterGroupsContract,
  type DeadLetterGroupsReply,
  type DeadLetterKind,
  type DeadLetterRow,
  deadLettersContract,
} from "@/lib/contracts/dlq";
import { formatCount, plural } from "@/lib/format";
import { BulkBar } from "./_parts/bulk-bar";
import { GroupList } from "./_parts/group-list";
import { ItemsTable } from "./_parts/items-table";
import {
  dlqHref,
  type DlqState,
  dlqParams,
  groupsInput,
  itemsInput,
  STATUS_CHOICES,
} from "./search-params";

const STATUS_WORDS: Record<(typeof STATUS_CHOICES)[number], string> = {
  open: "Open",
  replayed: "Mended",
  discarded: "Discarded",
  superseded: "Superseded",
  any: "All",
};

const TABLES = [
  { value: "any", label: "Any table" },
  ...tableNames.map((name) => ({ value: name, label: name })),
];
const KINDS: readonly { value: "any" | DeadLetterKind; label: string }[] = [
  { value: "any", label: "Any kind" },
  ...DEAD_LETTER_KINDS.map((kind) => ({ value: kind, label: `${kind}s` })),
];

/** Why the buttons cannot be used; the server decides. */
interface May {
  whyNotReplay: string | null;
  whyNotDiscard: string | null;
}

/** Dead letters by cause, and the records of the cause that is open. */
export function DeadLettersView({ timeZone, ...may }: { timeZone: string } & May) {
  useLive();
  const [params, setParams] = useQueryStates(dlqParams);
  const query = useRead(deadLetterGroupsContract, groupsInput(params), { topics: ["dlq"] });
  const change = (next: Partial<DlqState>): void =>
    void setParams({ ...(next as object), group: null, after: null, items: null });
  return (
    <Page>
      <PageHead
        title="Dead letters"
        sentence={
          query.data === undefined ? undefined : (
            <span className="type-small text-ink-3">{headline(query.data, params)}</span>
          )
        }
      />
      <div className="flex flex-wrap items-center gap-2 border-b border-line-2 px-4 py-1.5">
        <FilterRow label="Status">
          {STATUS_CHOICES.map((status) => (
            <FilterChip
              key={status}
              on={params.status === status}
              onToggle={() => change({ status })}
            >
              {STATUS_WORDS[status]}
            </FilterChip>
          ))}
        </FilterRow>
        <div className="ml-auto flex items-center gap-2 max-sm:ml-0">
          <SelectField
            label="Table"
            labelHidden
            size="small"
            className="w-32"
            options={TABLES}
            value={params.table ?? "any"}
            onChange={(table) => change({ table: table === "any" ? null : table })}
          />
          <SelectField
            label="Kind"
            labelHidden
            size="small"
            className="w-28"
            options={KINDS}
            value={params.kind ?? "any"}
            onChange={(kind) => change({ kind: kind === "any" ? null : kind })}
          />
        </div>
      </div>
      <ReadBody query={query} what="Dead letters" timeZone={timeZone} skeletonRows={14}>
        {(data) =>
          data.rows.length === 0 ? (
            <Empty state={params} />
          ) : (
            <Panes>
              <Pane
                name="Causes"
                width={params.group === null ? "main" : "wide"}
                // Where there is one column, the records of the open cause would stand below all the others.
                className={params.group === null ? undefined : "max-lg:hidden"}
              >
                <GroupList
                  groups={data.rows}
                  current={params.group}
                  hrefOf={(group) => dlqHref("/dlq", { ...params, group, items: null })}
                  asOf={data.asOf}
                />
                <p className="type-small flex min-h-8 items-center gap-4 px-4 text-ink-3">
                  {formatCount(data.rows.length)} of {plural(data.groups, "cause")}
                  <span className="ml-auto flex gap-4">
                    {params.after !== null && (
                      <TextLink href={dlqHref("/dlq", { ...params, after: null })} scroll={false}>
                        First page
                      </TextLink>
                    )}
                    {data.next !== null && (
                      <TextLink
                        href={dlqHref("/dlq", { ...params, after: data.next })}
                        rel="next"
                        scroll={false}
                      >
                        Next page
                      </TextLink>
                    )}
                  </span>
                </p>
              </Pane>
              {params.group !== null && (
                <Pane name="Records of this cause">
                  <Group
                    key={params.group}
                    state={params}
                    fingerprint={params.group}
                    timeZone={timeZone}
                    {...may}
                  />
                </Pane>
              )}
            </Panes>
          )
        }
      </ReadBody>
    </Page>
  );
}

function headline(data: DeadLetterGroupsReply, state: DlqState): string {
  const which = state.status === "any" ? "" : ` ${STATUS_WORDS[state.status].toLowerCase()}`;
  if (data.records === 0) return `no${which} record`;
  return `${formatCount(data.records)}${which} in ${plural(data.groups, "group")}, ${plural(data.tenants, "tenant")}`;
}

function Group({
  state,
  fingerprint,
  timeZone,
  ...may
}: {
  state: DlqState;
  fingerprint: string;
  timeZone: string;
} & May) {
  const [picked, setPicked] = useState<ReadonlyMap<string, DeadLetterRow>>(new Map());
  const toggle = (row: DeadLetterRow): void =>
    setPicked((before) => {
      const next = new Map(before);
      if (!next.delete(row.id)) next.set(row.id, row);
      return next;
    });
  const query = useRead(deadLettersContract, itemsInput(state, fingerprint), { topics: ["dlq"] });
  return (
    <ReadBody query={query} what="Records" timeZone={timeZone} skeletonRows={14}>
      {(data) =>
        data.rows.length === 0 ? (
          <EmptyState
            title="No record of this cause"
            sentence="None matches the filter any more."
            actions={
              <ButtonLink href={dlqHref("/dlq", { ...state, group: null, items: null })}>
                Show the causes
              </ButtonLink>
            }
          />
        ) : (
          <>
            <SectionHead
              name={data.cause}
              fact={`${formatCount(data.matching.count)}${data.matching.capped ? "+" : ""} records, the last seen first`}
              rule="none"
              actions={
                <TextLink
                  href={dlqHref("/dlq", { ...state, group: null, items: null })}
                  scroll={false}
                >
                  <span className="max-lg:hidden">Close</span>
                  <span className="lg:hidden">All causes</span>
                </TextLink>
              }
            />
            <ItemsTable
              rows={data.rows.map((row) => ({
                ...row,
                asOf: data.asOf,
                timeZone,
                isPicked: picked.has(row.id),
                onPick: () => toggle(row),
              }))}
              footer={{
                shown: data.rows.length,
                total: data.matching.count,
                capped: data.matching.capped,
                nextHref:
                  data.next === null ? null : dlqHref("/dlq", { ...state, items: data.next }),
                firstHref: state.items === null ? null : dlqHref("/dlq", { ...state, items: null }),
              }}
            />
            <BulkBar
              state={state}
              fingerprint={fingerprint}
              data={data}
              picked={picked}
              onClear={() => setPicked(new Map())}
              {...may}
            />
          </>
        )
      }
    </ReadBody>
  );
}

function Empty({ state }: { state: DlqState }) {
  const filtered = state.tenant !== null || state.table !== null || state.kind !== null;
  if (filtered)
    return (
      <EmptyState
        title="No dead letter matches"
        sentence="No record with this status is of this tenant, table and kind."
        actions={<ButtonLink href="/dlq">Show all open ones</ButtonLink>}
      />
    );
  return state.status === "open" || state.status === "any" ? (
    <EmptyState
      title="No dead letter"
      sentence="Every record that was delivered could be taken in. What a rule rejects, an object that cannot be read and a run that dies end up here, with the reason."
    />
  ) : (
    <EmptyState
      title={`Nothing ${STATUS_WORDS[state.status].toLowerCase()}`}
      sentence="No dead letter has this status."
      actions={<ButtonLink href="/dlq">Show the open ones</ButtonLink>}
    />
  );
}
