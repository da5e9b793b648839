"use client";

import { useQueryStates } from "nuqs";
import { useState } from "react";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { sourceName } from "@/lib/source-name";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { HealthTag } from "@/components/data/state-word";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { EmptyState } from "@/components/ui/empty-state";
import { SectionHead } from "@/components/ui/section-head";
import type { Problem } from "@/lib/contracts/problem";
import { tenantValidationContract } from "@/lib/contracts/runs";
import { tenantContract, type TenantReply } from "@/lib/contracts/tenants";
import { isOpenRun } from "@/lib/status";
import { formatDate, spellDuration, zoneName } from "@/lib/time";
import { AgeSection } from "./_parts/age-section";
import { RecentRuns } from "./_parts/recent-runs";
import { StartButtons } from "./_parts/start-buttons";
import { TablesTable } from "./_parts/tables-table";
import { ScheduleFacts } from "./_parts/schedule-facts";
import { tenantSentence } from "./_parts/tenant-sentence";
import { TenantTabs } from "./_parts/tenant-tabs";
import { ValidationMatrix } from "./_parts/validation-matrix";
import { worstFirst } from "./_parts/worst-table";
import { tenantParams } from "./search-params";

/** One tenant: what is true of it in a sentence, its tables worst first, the worst one's age, rules, runs, and the buttons that start one. */
export function TenantView({
  tenantId,
  timeZone,
  whyNotIncrement,
  whyNotBulk,
}: {
  tenantId: string;
  timeZone: string;
  whyNotIncrement: string | null;
  whyNotBulk: string | null;
}) {
  useLive();
  const query = useRead(
    tenantContract,
    { tenantId },
    { topics: [`tenant:${tenantId}`, "fleet", "dlq"], keepPrevious: false },
  );
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Page>
      <ReadBody query={query} what="This tenant" timeZone={timeZone} level={1}>
        {(data) => {
          const neverLoaded = data.tenant.tables.every((table) => table.state === "never");
          return (
            <>
              <Head
                data={data}
                timeZone={timeZone}
                actions={
                  <StartButtons
                    tenantId={tenantId}
                    tenantName={data.tenant.name}
                    whyNotIncrement={whyNotIncrement}
                    whyNotBulk={whyNotBulk}
                    neverLoaded={neverLoaded}
                    tables={data.tenant.tables.map((table) => table.tableName)}
                    onProblem={setProblem}
                  />
                }
              />
              {problem !== null && (
                <Banner
                  hue="bad"
                  icon="circle-x"
                  strong={`${problem.title}.`}
                  actions={
                    <Button kind="quiet" size="small" onClick={() => setProblem(null)}>
                      Dismiss
                    </Button>
                  }
                >
                  {problem.detail}
                </Banner>
              )}
              {neverLoaded ? (
                <NeverLoaded data={data} timeZone={timeZone} />
              ) : (
                <Body data={data} timeZone={timeZone} />
              )}
            </>
          );
        }}
      </ReadBody>
    </Page>
  );
}

function Head({
  data,
  timeZone,
  actions,
}: {
  data: TenantReply;
  timeZone: string;
  actions: React.ReactNode;
}) {
  const { tenant } = data;
  const prefix = `${tenant.tenantId}/canonical/`;
  return (
    <>
      <PageHead
        ruled={false}
        title={tenant.name}
        tag={
          <HealthTag
            health={tenant.health}
            word={
              tenant.tables.every((table) => table.state === "never") ? "Not loaded yet" : undefined
            }
          />
        }
        sentence={tenantSentence(data)}
        facts={
          <>
            <span>{sourceName(tenant.sourceSystem)}</span>
            <span className="inline-flex items-center gap-1">
              <span className="type-mono">{prefix}</span>
              <CopyButton text={prefix} label="Copy the key prefix" />
            </span>
            <span>target {spellDuration(tenant.targetMinutes * 60)}</span>
            <ScheduleFacts schedule={tenant.schedule} asOf={data.asOf} timeZone={timeZone} />
            <span>{zoneName(tenant.timeZone)} time</span>
            <span>known since {formatDate(tenant.createdAt, timeZone)}</span>
          </>
        }
        actions={actions}
      />
      <TenantTabs
        tenantId={tenant.tenantId}
        current="tables"
        tables={tenant.tables.length}
        runs={data.runs.count}
        deadLetters={data.openDeadLetters.count}
        firstTable={tenant.tables[0]?.tableName}
      />
    </>
  );
}

function NeverLoaded({ data, timeZone }: { data: TenantReply; timeZone: string }) {
  const open = data.tenant.lastRun !== null && isOpenRun(data.tenant.lastRun.status);
  return (
    <>
      <EmptyState
        title={open ? "Its first load is under way" : "Ready for its first load"}
        sentence={
          open
            ? "Tables appear here when the run has published them."
            : "A bulk load reads every object below the tenant’s prefix and builds the history. Start it above."
        }
        steps={[
          {
            id: "named",
            icon: "check",
            tone: "good",
            name: "Named",
            fact: `${data.tenant.name}, ${sourceName(data.tenant.sourceSystem)}`,
          },
          {
            id: "load",
            icon: open ? "loader-circle" : "arrow-right",
            tone: "accent",
            name: "Bulk load",
            fact: open ? "under way" : "next",
            current: true,
          },
          {
            id: "increments",
            icon: "circle-dashed",
            tone: "quiet",
            name: "Increments",
            fact: "once it is loaded",
          },
        ]}
      />
      <RecentRuns tenantId={data.tenant.tenantId} all={data.runs} timeZone={timeZone} />
    </>
  );
}

function Body({ data, timeZone }: { data: TenantReply; timeZone: string }) {
  const [params, setParams] = useQueryStates(tenantParams);
  const tables = worstFirst(data.tenant.tables);
  const names = data.tenant.tables.map((table) => table.tableName);
  const drawn =
    params.table !== null && names.includes(params.table)
      ? params.table
      : (tables[0]?.tableName ?? "");
  return (
    <>
      <div className="border-b border-line-2">
        <TablesTable
          rows={tables.map((table) => ({
            ...table,
            tenantId: data.tenant.tenantId,
            asOf: data.asOf,
            timeZone,
            days: data.days[table.tableName] ?? [],
            rejectThresholdPercent: data.tenant.rejectThresholdPercent,
          }))}
        />
      </div>
      <Panes>
        <Pane name="Age and runs">
          {drawn !== "" && (
            <AgeSection
              tenantId={data.tenant.tenantId}
              tables={names}
              table={drawn}
              window={params.window}
              timeZone={timeZone}
              onChange={(next) => void setParams(next)}
            />
          )}
          <RecentRuns tenantId={data.tenant.tenantId} all={data.runs} timeZone={timeZone} />
        </Pane>
        <Pane name="Validation" width="side" className="lg:w-118">
          <Validation data={data} timeZone={timeZone} />
        </Pane>
      </Panes>
    </>
  );
}

function Validation({ data, timeZone }: { data: TenantReply; timeZone: string }) {
  const { tenant } = data;
  const query = useRead(
    tenantValidationContract,
    { tenantId: tenant.tenantId },
    { topics: [`tenant:${tenant.tenantId}`] },
  );
  const broken = new Map(
    tenant.tables.flatMap((table) => {
      const run = table.lastRun;
      const share = run === null || run.read === 0 ? 0 : run.rejected / run.read;
      return share * 100 > tenant.rejectThresholdPercent ? [[table.tableName, share] as const] : [];
    }),
  );
  return (
    <section aria-label="Validation, newest batch">
      <SectionHead name="Validation, newest batch" fact="rejected rows per rule" rule="none" />
      <ReadBody query={query} what="Validation" timeZone={timeZone} skeletonRows={8}>
        {(reply) =>
          reply.rows.length === 0 ? (
            <p className="border-t border-line px-4 py-2 text-ink-3">No batch was validated yet.</p>
          ) : (
            <ValidationMatrix
              results={reply.rows}
              limitPercent={tenant.rejectThresholdPercent}
              limitBroken={broken}
            />
          )
        }
      </ReadBody>
    </section>
  );
}
