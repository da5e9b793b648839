"use client";

import { useQueryClient } from "@tanstack/react-query";
import { useQueryStates } from "nuqs";
import { useState } from "react";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink, Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { SelectField } from "@/components/ui/select-field";
import { runsContract } from "@/lib/contracts/runs";
import type { RunMode } from "@/lib/contracts/values";
import { formatCount } from "@/lib/format";
import { RUN_STATES, type RunState, runStatus } from "@/lib/status";
import { RunsTable } from "./_parts/runs-table";
import { TimeFilter } from "./_parts/time-filter";
import { runsHref, runsInput, runsParams } from "./search-params";

const MODES: readonly { value: "any" | RunMode; label: string }[] = [
  { value: "any", label: "Any mode" },
  { value: "bulk", label: "Bulk load" },
  { value: "incremental", label: "Increment" },
  { value: "replay", label: "Replay" },
];

/** Runs of all tenants or of one, newest first. Rows stay where they are; new ones wait behind a button. */
export function RunsView({ timeZone }: { timeZone: string }) {
  useLive();
  const queryClient = useQueryClient();
  const [params, setParams] = useQueryStates(runsParams);
  const [pinned, setPinned] = useState<string | null>(null);
  const query = useRead(runsContract, runsInput({ ...params, until: params.until ?? pinned }), {
    topics: ["runs"],
  });
  // The first answer fixes the list's upper end; later answers refresh these rows and only count newer ones.
  const until = query.isPlaceholderData ? null : (query.data?.until ?? null);
  if (params.until === null && pinned === null && until !== null) setPinned(until);

  const change = (next: Partial<Parameters<typeof setParams>[0] & object>): void => {
    // What was read before without an upper end is an old beginning of the list; it must not be taken for the new one.
    queryClient.removeQueries({ queryKey: [runsContract.path], type: "inactive" });
    setPinned(null);
    void setParams({ ...next, after: null, until: null });
  };
  const toggle = (state: RunState): void => {
    const on = params.status.includes(state);
    change({
      status: on ? params.status.filter((one) => one !== state) : [...params.status, state],
    });
  };
  const newer = query.data?.newer;
  const state = { ...params, until: null, after: null };

  return (
    <Page>
      <PageHead
        title="Runs"
        sentence={
          query.data === undefined ? undefined : (
            <span className="type-small text-ink-3">
              {formatCount(query.data.matching.count)}
              {query.data.matching.capped ? "+" : ""}
              {params.tenant === null ? "" : ` of ${params.tenant}`}, newest first
            </span>
          )
        }
      />
      <div className="flex flex-wrap items-center gap-2 border-b border-line-2 px-4 py-1.5">
        <FilterRow label="State">
          {RUN_STATES.map((one) => {
            const { word, icon, hue } = runStatus(one);
            return (
              <FilterChip
                key={one}
                on={params.status.includes(one)}
                onToggle={() => toggle(one)}
                icon={icon}
                hue={params.status.includes(one) ? hue : "neutral"}
              >
                {word}
              </FilterChip>
            );
          })}
        </FilterRow>
        <div className="ml-auto flex items-center gap-2 max-sm:ml-0">
          <SelectField
            label="Mode"
            labelHidden
            size="small"
            className="w-32"
            options={MODES}
            value={params.mode ?? "any"}
            onChange={(mode) => change({ mode: mode === "any" ? null : mode })}
          />
          <TimeFilter
            key={`${params.from?.getTime()} ${params.to?.getTime()}`}
            from={params.from}
            to={params.to}
            timeZone={timeZone}
            onChange={change}
          />
        </div>
        <span aria-live="polite">
          {newer !== undefined && newer.count > 0 && (
            <Button size="small" icon="rotate-cw" onClick={() => change({})}>
              {formatCount(newer.count)}
              {newer.capped ? "+" : ""} new {newer.count === 1 ? "run" : "runs"}
            </Button>
          )}
        </span>
      </div>
      <Panes>
        <Pane name="Runs">
          <ReadBody query={query} what="Runs" timeZone={timeZone} skeletonRows={24}>
            {(data) =>
              data.rows.length === 0 ? (
                <Empty filtered={isFiltered(params)} />
              ) : (
                <RunsTable
                  rows={data.rows.map((run) => ({ ...run, asOf: data.asOf, timeZone }))}
                  footer={{
                    shown: data.rows.length,
                    total: data.matching.count,
                    capped: data.matching.capped,
                    nextHref:
                      data.next === null
                        ? null
                        : runsHref("/runs", { ...state, after: data.next, until: data.until }),
                    firstHref: params.after === null ? null : runsHref("/runs", state),
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

function isFiltered(params: {
  status: readonly string[];
  tenant: string | null;
  mode: string | null;
  from: Date | null;
  to: Date | null;
  after: string | null;
}): boolean {
  const { status, tenant, mode, from, to, after } = params;
  return status.length > 0 || [tenant, mode, from, to, after].some((value) => value !== null);
}

function Empty({ filtered }: { filtered: boolean }) {
  return filtered ? (
    <EmptyState
      title="No run matches"
      sentence="No run has this state, tenant, mode and time."
      actions={<ButtonLink href="/runs">Show all runs</ButtonLink>}
    />
  ) : (
    <EmptyState
      title="No run yet"
      sentence="Runs appear here as soon as somebody starts one, from a tenant’s page or the command line."
      actions={
        <ButtonLink kind="main" href="/tenants">
          Go to the tenants
        </ButtonLink>
      }
    />
  );
}
