"use client";

import { debounce, useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { runDetail } from "@/app/(console)/_parts/run-words";
import { sourceName } from "@/lib/source-name";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { HealthMark, RunStateWord } from "@/components/data/state-word";
import { AboveRow, columnsFor, DataTable, RowLink } from "@/components/data/table";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { SearchInput } from "@/components/ui/field";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { TextLink } from "@/components/ui/text-link";
import type { TenantStanding } from "@/lib/contracts/fleet";
import { tenantsContract } from "@/lib/contracts/tenants";
import { formatCount, formatShort, plural } from "@/lib/format";
import { HEALTHS, healthStatus } from "@/lib/status";
import { formatAge, formatIsoUtc, toMs } from "@/lib/time";
import { tenantsHref, tenantsParams } from "./search-params";

interface TenantRow extends TenantStanding {
  readonly asOf: string;
}

const column = columnsFor<TenantRow>();

/** What of a tenant's tables is worth a word: those past their target, else how many are within. */
function tablesWord(tenant: TenantStanding): string {
  const loaded = tenant.tables.filter((table) => table.state !== "never");
  const past = tenant.tables.filter((table) => table.state === "late" || table.state === "blocked");
  if (loaded.length === 0) return "never loaded";
  if (past.length > 1 && past.length === tenant.tables.length)
    return `all ${past.length} past target`;
  if (past.length > 0) return `${past.map((table) => table.tableName).join(", ")} past target`;
  return `${loaded.length} of ${tenant.tables.length}, within target`;
}

const columns = column.columns([
  column.display({
    id: "health",
    header: "Health",
    meta: { width: "7rem" },
    cell: ({ row }) => <HealthMark health={row.original.health} className="align-middle" />,
  }),
  column.display({
    id: "tenant",
    header: "Tenant",
    meta: { width: "11rem", most: "min(20rem, max(14rem, 22vw))" },
    cell: ({ row }) => (
      <RowLink href={`/t/${encodeURIComponent(row.original.tenantId)}`} title={row.original.name}>
        {row.original.name}
      </RowLink>
    ),
  }),
  column.display({
    id: "id",
    header: "Id",
    meta: { hideBelow: "lg", most: "12rem" },
    cell: ({ row }) => (
      <span className="type-mono text-ink-2" title={row.original.tenantId}>
        {row.original.tenantId}
      </span>
    ),
  }),
  column.display({
    id: "source",
    header: "Source",
    cell: ({ row }) => sourceName(row.original.sourceSystem),
  }),
  column.display({
    id: "tables",
    header: "Tables",
    meta: { grow: true, width: "12rem" },
    cell: ({ row }) => (
      <span className="text-ink-2" title={tablesWord(row.original)}>
        {tablesWord(row.original)}
      </span>
    ),
  }),
  column.display({
    id: "rows",
    header: "Current rows",
    meta: { align: "right" },
    cell: ({ row }) => (
      <span title={formatCount(row.original.rows)}>{formatShort(row.original.rows)}</span>
    ),
  }),
  column.display({
    id: "run",
    header: () => <span className="pl-4">Last run</span>,
    meta: { width: "12rem" },
    cell: ({ row }) => {
      const run = row.original.lastRun;
      if (run === null) return <span className="pl-4 text-ink-3">none yet</span>;
      return (
        <AboveRow>
          <TextLink href={`/runs/${encodeURIComponent(run.runId)}`} className="ml-4 font-normal">
            <RunStateWord
              state={run.status}
              className="align-middle"
              detail={runDetail({
                status: run.status,
                steps: [],
                attempt: 1,
                heartbeatAt: null,
                asOf: row.original.asOf,
              })}
            />
          </TextLink>
        </AboveRow>
      );
    },
  }),
  column.display({
    id: "age",
    header: "Age",
    meta: { align: "right", width: "5rem" },
    cell: ({ row }) => {
      const at = row.original.lastRun?.finishedAt ?? row.original.lastRun?.startedAt ?? null;
      return at === null ? (
        "–"
      ) : (
        <span title={formatIsoUtc(at)}>
          {formatAge((toMs(row.original.asOf) - toMs(at)) / 1000)}
        </span>
      );
    },
  }),
]);

/** Every tenant by name, with what stands of it. */
export function TenantsView({ timeZone }: { timeZone: string }) {
  useLive();
  const [params, setParams] = useQueryStates(tenantsParams);
  const query = useRead(tenantsContract, params, { topics: ["fleet"] });
  return (
    <Page>
      <PageHead
        title="Tenants"
        sentence={
          query.data === undefined ? undefined : (
            <span className="type-small text-ink-3">
              {query.data.matching === query.data.total
                ? formatCount(query.data.total)
                : `${formatCount(query.data.matching)} of ${plural(query.data.total, "tenant")}`}
            </span>
          )
        }
      />
      <div className="flex flex-wrap items-center gap-2 border-b border-line-2 px-4 py-1.5">
        <SearchInput
          name="Find a tenant by name, id or source"
          placeholder="Name, id or source"
          defaultValue={params.search}
          onChange={(event) =>
            void setParams(
              { search: event.target.value, after: null },
              { limitUrlUpdates: debounce(200) },
            )
          }
          className="w-64 max-sm:w-full"
        />
        <FilterRow label="Health">
          {HEALTHS.map((health) => {
            const { word, icon } = healthStatus(health);
            const on = params.health.includes(health);
            return (
              <FilterChip
                key={health}
                on={on}
                icon={icon}
                onToggle={() =>
                  void setParams({
                    health: on
                      ? params.health.filter((one) => one !== health)
                      : [...params.health, health],
                    after: null,
                  })
                }
              >
                {word}
              </FilterChip>
            );
          })}
        </FilterRow>
      </div>
      <Panes>
        <Pane name="Tenants">
          <ReadBody query={query} what="Tenants" timeZone={timeZone} skeletonRows={20}>
            {(data) =>
              data.rows.length === 0 ? (
                data.total === 0 ? (
                  <EmptyState
                    title="No tenant yet"
                    sentence="A tenant is registered with its first load: npm run --silent avesa -- load --tenant TENANT --mode bulk"
                  />
                ) : (
                  <EmptyState
                    title="No tenant matches"
                    sentence="No tenant has this name, id or source and this health."
                    actions={<ButtonLink href="/tenants">Show all tenants</ButtonLink>}
                  />
                )
              ) : (
                <DataTable
                  name="Tenants"
                  columns={columns}
                  rows={data.rows.map((row) => ({ ...row, asOf: data.asOf }))}
                  rowId={(row) => row.tenantId}
                  footer={{
                    shown: data.rows.length,
                    total: data.matching,
                    nextHref:
                      data.next === null
                        ? null
                        : tenantsHref("/tenants", { ...params, after: data.next }),
                    firstHref:
                      params.after === null
                        ? null
                        : tenantsHref("/tenants", { ...params, after: null }),
                  }}
                />
              )
            }
          </ReadBody>
        </Pane>
      </Panes>
    </Page>
  );
}
