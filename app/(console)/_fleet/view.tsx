"use client";

import { useQueryStates } from "nuqs";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { RunInFlightLine } from "@/app/(console)/_parts/run-in-flight";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { FreshnessKey } from "@/components/data/freshness-cell";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import { fleetContract, type FleetReply } from "@/lib/contracts/fleet";
import { runsInFlightContract } from "@/lib/contracts/runs";
import { formatCount, plural } from "@/lib/format";
import { type Health, HEALTHS, healthStatus } from "@/lib/status";
import { NeedsList } from "./needs-list";
import { fleetHref, fleetParams } from "./search-params";
import { TenantGrid } from "./tenant-grid";
import { ThroughputSection } from "./throughput-section";

/** The fleet: what needs a person, every tenant's tables worst first, throughput, runs in flight. */
export function FleetView({ timeZone }: { timeZone: string }) {
  useLive();
  const [params, setParams] = useQueryStates(fleetParams);
  const fleet = useRead(
    fleetContract,
    { health: params.health, after: params.after },
    { topics: ["fleet"] },
  );

  const toggle = (health: Health): void => {
    const on = params.health.includes(health);
    const next = on ? params.health.filter((one) => one !== health) : [...params.health, health];
    void setParams({ health: next, after: null });
  };

  return (
    <Page>
      <ReadBody query={fleet} what="The fleet" timeZone={timeZone} skeletonRows={20} level={1}>
        {(data) => (
          <>
            <FleetHead data={data} chosen={params.health} onToggle={toggle} />
            {data.tenants === 0 ? (
              <NoTenants />
            ) : (
              <>
                <NeedsList needs={data.needs} more={data.needsMore} asOf={data.asOf} />
                <Panes>
                  <Pane name="Freshness" width="main">
                    <Freshness
                      data={data}
                      chosen={params.health}
                      after={params.after}
                      window={params.window}
                    />
                  </Pane>
                  <Pane name="Throughput and runs in flight" width="side">
                    <ThroughputSection
                      window={params.window}
                      onWindow={(window) => void setParams({ window })}
                      timeZone={timeZone}
                    />
                    <RunsInFlight timeZone={timeZone} />
                  </Pane>
                </Panes>
              </>
            )}
          </>
        )}
      </ReadBody>
    </Page>
  );
}

function FleetHead({
  data,
  chosen,
  onToggle,
}: {
  data: FleetReply;
  chosen: readonly Health[];
  onToggle: (health: Health) => void;
}) {
  return (
    <PageHead
      title="Fleet"
      sentence={
        <span className="flex flex-wrap items-center gap-x-4 gap-y-1.5">
          <span className="type-small text-ink-3">
            {plural(data.tenants, "tenant")}, {plural(data.tables, "table")}
          </span>
          <FilterRow label="Health">
            {HEALTHS.map((health) => {
              const { word, icon, hue } = healthStatus(health);
              const quiet = health === "healthy" || data.health[health] === 0;
              return (
                <FilterChip
                  key={health}
                  on={chosen.includes(health)}
                  onToggle={() => onToggle(health)}
                  icon={icon}
                  hue={quiet ? "neutral" : hue}
                  count={data.health[health]}
                >
                  {word}
                </FilterChip>
              );
            })}
          </FilterRow>
          <span className="type-small text-ink-3 lg:absolute lg:right-4">
            <strong className="font-semibold text-ink">
              {formatCount(data.tablesWithinTarget)} of {formatCount(data.tables)}
            </strong>{" "}
            tables within target
          </span>
        </span>
      }
    />
  );
}

function NoTenants() {
  return (
    <EmptyState
      title="No tenant yet"
      sentence="A tenant appears here with its first load. Start one from the command line: it is registered with defaults and shows up at once."
      steps={[
        {
          id: "land",
          icon: "circle-dashed",
          name: "Land objects",
          fact: "in the store, under TENANT/canonical/TABLE/",
          current: true,
        },
        {
          id: "load",
          icon: "circle-dashed",
          tone: "quiet",
          name: "Load",
          fact: "npm run --silent avesa -- load --tenant TENANT --mode bulk",
        },
        { id: "watch", icon: "circle-dashed", tone: "quiet", name: "Watch", fact: "here, live" },
      ]}
    />
  );
}

function Freshness({
  data,
  chosen,
  after,
  window,
}: {
  data: FleetReply;
  chosen: readonly Health[];
  after: string | null;
  window: "6h" | "24h" | "7d";
}) {
  const targets = new Set(data.rows.map((row) => row.targetMinutes));
  const [target] = targets;
  const state = { health: [...chosen], window };
  return (
    <>
      <SectionHead
        name="Freshness"
        fact={`${formatCount(data.rows.length)} of ${plural(data.matching, "tenant")}, worst first`}
        rule="none"
        actions={
          targets.size === 1 && target !== undefined ? (
            <FreshnessKey targetMinutes={target} />
          ) : (
            <span className="type-small text-ink-3">age against each tenant’s target</span>
          )
        }
      />
      {data.rows.length === 0 ? (
        <EmptyState
          title="No tenant matches"
          sentence="No tenant has the health you filter by now."
          actions={<ButtonLink href={fleetHref("/", { window })}>Show all tenants</ButtonLink>}
        />
      ) : (
        <TenantGrid
          rows={data.rows.map((row) => ({ ...row, asOf: data.asOf }))}
          footer={{
            shown: data.rows.length,
            total: data.matching,
            nextHref: data.next === null ? null : fleetHref("/", { ...state, after: data.next }),
            firstHref: after === null ? null : fleetHref("/", state),
          }}
        />
      )}
    </>
  );
}

function RunsInFlight({ timeZone }: { timeZone: string }) {
  const query = useRead(runsInFlightContract, {}, { topics: ["runs"] });
  return (
    <section aria-label="Runs in flight">
      <SectionHead
        name="Runs in flight"
        fact={query.data === undefined ? undefined : formatCount(query.data.total)}
        rule="new"
        actions={<TextLink href="/runs">All runs</TextLink>}
      />
      <ReadBody query={query} what="Runs in flight" timeZone={timeZone} skeletonRows={3}>
        {(data) =>
          data.rows.length === 0 ? (
            <p className="border-t border-line px-4 py-2 text-ink-3">
              No run is at work or queued.
            </p>
          ) : (
            <>
              <ul className="border-t border-line">
                {data.rows.map((run) => (
                  <RunInFlightLine
                    key={run.runId}
                    run={run}
                    estimate={run.estimate}
                    asOf={data.asOf}
                    timeZone={timeZone}
                  />
                ))}
              </ul>
              {data.total > data.rows.length && (
                <p className="type-small px-4 py-2 text-ink-3">
                  {plural(data.total - data.rows.length, "more run")}
                </p>
              )}
            </>
          )
        }
      </ReadBody>
    </section>
  );
}
