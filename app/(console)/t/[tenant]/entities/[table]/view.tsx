"use client";

import { debounce, useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { columnsFor, DataTable, RowLink } from "@/components/data/table";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { SearchInput } from "@/components/ui/field";
import { Icon } from "@/components/ui/icon";
import { SectionHead } from "@/components/ui/section-head";
import { Tabs } from "@/components/ui/tabs";
import { TextLink } from "@/components/ui/text-link";
import { tableNames } from "@/lib/catalog";
import { type EntityHit, entitySearchContract } from "@/lib/contracts/entities";
import { formatCount, plural } from "@/lib/format";
import { formatIsoUtc, formatLongMoment } from "@/lib/time";
import { showId } from "@/app/(console)/_parts/show-id";
import { recordsHref, recordsParams } from "./search-params";

interface HitRow extends EntityHit {
  readonly base: string;
  readonly timeZone: string;
}

const column = columnsFor<HitRow>();

function columnsOf(idColumn: string, titleColumn: string) {
  return column.columns([
    column.display({
      id: "id",
      header: idColumn,
      meta: { most: "min(18rem, 40vw)" },
      cell: ({ row }) => (
        <RowLink
          href={`${row.original.base}/${row.original.key}`}
          title={row.original.id.slice(0, 500)}
          className="type-mono"
        >
          {showId(row.original.id, 40)}
        </RowLink>
      ),
    }),
    column.display({
      id: "title",
      header: titleColumn,
      meta: { grow: true, width: "11rem" },
      cell: ({ row }) =>
        row.original.title === null ? (
          <span className="type-mono text-ink-3">NULL</span>
        ) : (
          <span title={row.original.title}>{row.original.title}</span>
        ),
    }),
    column.display({
      id: "state",
      header: "State",
      cell: ({ row }) =>
        row.original.isDeleted ? (
          <span className="inline-flex items-center gap-1.25 align-middle text-ink-3">
            <Icon name="trash" />
            deleted
          </span>
        ) : (
          <span className="text-ink-2">current</span>
        ),
    }),
    column.display({
      id: "versions",
      header: "Versions",
      meta: { align: "right", hideBelow: "md" },
      cell: ({ row }) => formatCount(row.original.versions),
    }),
    column.display({
      id: "changed",
      header: "Newest version from",
      meta: { align: "right" },
      cell: ({ row }) => (
        <time dateTime={row.original.changedAt} title={formatIsoUtc(row.original.changedAt)}>
          {formatLongMoment(row.original.changedAt, row.original.timeZone)}
        </time>
      ),
    }),
  ]);
}

const COLUMNS = new Map<string, ReturnType<typeof columnsOf>>();

/** Columns of a table, made once for each: their identity must not change between renders. */
function stableColumns(idColumn: string, titleColumn: string): ReturnType<typeof columnsOf> {
  const known = COLUMNS.get(idColumn);
  if (known !== undefined) return known;
  const made = columnsOf(idColumn, titleColumn);
  COLUMNS.set(idColumn, made);
  return made;
}

/** Records of one table: those whose id begins with what is typed, or those that changed last. */
export function RecordsView({
  tenantId,
  table,
  idColumn,
  titleColumn,
  timeZone,
}: {
  tenantId: string;
  table: string;
  idColumn: string;
  titleColumn: string;
  timeZone: string;
}) {
  useLive();
  const [params, setParams] = useQueryStates(recordsParams);
  const query = useRead(
    entitySearchContract,
    { tenantId, table, query: params.id, after: params.after },
    { topics: [`tenant:${tenantId}`] },
  );
  const home = `/t/${encodeURIComponent(tenantId)}`;
  const base = `${home}/entities/${table}`;
  return (
    <Page>
      <PageHead
        ruled={false}
        title="Records"
        sentence={
          <span className="type-small text-ink-3">
            of <TextLink href={home}>{tenantId}</TextLink>, each with its history
          </span>
        }
      />
      <Tabs
        label="Tables"
        tabs={tableNames.map((name) => ({
          href: recordsHref(`${home}/entities/${name}`, { id: params.id }),
          label: name,
          current: name === table,
        }))}
      />
      <div className="border-b border-line-2 px-4 py-2">
        <SearchInput
          name={`Find by ${idColumn}, whole or its beginning`}
          placeholder={`${idColumn}, whole or its beginning`}
          defaultValue={params.id}
          // A longer beginning would not fit into an address, and a thousand letters tell any two ids apart that people type.
          maxLength={1_000}
          onChange={(event) =>
            void setParams(
              { id: event.target.value, after: null },
              { limitUrlUpdates: debounce(200) },
            )
          }
          className="w-80 max-sm:w-full"
        />
      </div>
      <Panes>
        <Pane name="Records">
          <ReadBody query={query} what="Records" timeZone={timeZone} skeletonRows={20}>
            {(data) => (
              <>
                <SectionHead
                  name={params.id === "" ? "Changed last" : "Found"}
                  fact={
                    params.id === ""
                      ? "by the start of the newest version"
                      : `${plural(data.rows.length, "record")}${data.next === null ? "" : " and more"}, by id, letter for letter`
                  }
                  rule="none"
                />
                {data.rows.length === 0 ? (
                  <Empty searched={params.id !== ""} table={table} home={home} base={base} />
                ) : (
                  <DataTable
                    name={`Records of ${table}`}
                    columns={stableColumns(idColumn, titleColumn)}
                    rows={data.rows.map((hit) => ({ ...hit, base, timeZone }))}
                    rowId={(row) => row.key}
                    footer={{
                      shown: data.rows.length,
                      total: null,
                      nextHref:
                        data.next === null
                          ? null
                          : recordsHref(base, { id: params.id, after: data.next }),
                      firstHref:
                        params.after === null ? null : recordsHref(base, { id: params.id }),
                    }}
                  />
                )}
              </>
            )}
          </ReadBody>
        </Pane>
      </Panes>
    </Page>
  );
}

function Empty({
  searched,
  table,
  home,
  base,
}: {
  searched: boolean;
  table: string;
  home: string;
  base: string;
}) {
  return searched ? (
    <EmptyState
      title="No record found"
      sentence={`No record of ${table} has an id that begins like this. Ids are compared letter for letter, capitals included.`}
      actions={<ButtonLink href={base}>Show what changed last</ButtonLink>}
    />
  ) : (
    <EmptyState
      title={`No record of ${table} yet`}
      sentence="Nothing was loaded into this table."
      actions={<ButtonLink href={home}>Open the tenant</ButtonLink>}
    />
  );
}
