"use client";

import { useState } from "react";
import { ReadBody } from "@/app/(console)/_parts/read-body";
import { modeWord, runDetail } from "@/app/(console)/_parts/run-words";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { EventList } from "@/components/data/event-list";
import { Gantt, GanttKey } from "@/components/data/gantt";
import { LedgerVerdict, RowLedger } from "@/components/data/row-ledger";
import { RunStateTag } from "@/components/data/state-word";
import { StateGraph } from "@/components/data/state-graph";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageContext } from "@/components/shell/page-context";
import { PageHead } from "@/components/shell/page-head";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { CutId } from "@/components/ui/cut-text";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import { type RunPlanReply, runPlanContract } from "@/lib/contracts/plans";
import type { Problem } from "@/lib/contracts/problem";
import { runContract, runEventsContract, type RunReply } from "@/lib/contracts/runs";
import { formatBytes, plural } from "@/lib/format";
import { isOpenRun, runStatus } from "@/lib/status";
import { formatMoment, zoneName } from "@/lib/time";
import { DecideButtons } from "./_parts/decide-buttons";
import { CancelButton } from "./_parts/cancel-button";
import { eventLines } from "./_parts/event-lines";
import { EVENTS_SHOWN } from "./_parts/events-shown";
import type { FlowOutline } from "./_parts/flow-outline";
import { prepareGantt } from "./_parts/prepare-gantt";
import { prepareGraph } from "./_parts/prepare-graph";
import { RunPlan } from "./_parts/run-plan";
import { RunExecution } from "./_parts/run-execution";
import { RunLog } from "./_parts/run-log";
import { RunProgress } from "./_parts/run-progress";
import { RunValidation } from "./_parts/run-validation";

/** One run: how far, where it is, whether it is right, and what happened. Live while it runs. */
export function RunView({
  runId,
  timeZone,
  outline,
  whyNotCancel,
  whyNotApprove,
  whyNotRedrive,
}: {
  runId: string;
  timeZone: string;
  outline: FlowOutline;
  whyNotCancel: string | null;
  whyNotApprove: string | null;
  whyNotRedrive: string | null;
}) {
  useLive();
  const query = useRead(runContract, { runId }, { topics: [`run:${runId}`], keepPrevious: false });
  const plan = useRead(runPlanContract, { runId }, { topics: [`run:${runId}`] });
  const [problem, setProblem] = useState<Problem | null>(null);
  return (
    <Page>
      <ReadBody query={query} what="This run" timeZone={timeZone} level={1}>
        {(data) => (
          <>
            <PageContext tenantId={data.run.tenantId} />
            <Head
              data={data}
              plan={plan.data}
              timeZone={timeZone}
              whyNotCancel={whyNotCancel}
              whyNotApprove={whyNotApprove}
              onProblem={setProblem}
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
            {data.run.error !== "" && !isOpenRun(data.run.status) && <Reason run={data.run} />}
            <RunProgress reply={data} timeZone={timeZone} />
            <Panes>
              <Pane name="States, tables and log">
                {plan.data !== undefined && plan.data.tables.length > 0 && (
                  <RunPlan reply={plan.data} tenantId={data.run.tenantId} timeZone={timeZone} />
                )}
                <Where data={data} outline={outline} timeZone={timeZone} />
                <RunLog runId={runId} timeZone={timeZone} />
                <RunExecution
                  runId={runId}
                  status={data.run.status}
                  timeZone={timeZone}
                  whyNotRedrive={whyNotRedrive}
                  onProblem={setProblem}
                />
              </Pane>
              <Pane name="Ledger, events and validation" width="wide">
                <Right data={data} timeZone={timeZone} />
              </Pane>
            </Panes>
          </>
        )}
      </ReadBody>
    </Page>
  );
}

function Head({
  data,
  plan,
  timeZone,
  whyNotCancel,
  whyNotApprove,
  onProblem,
}: {
  data: RunReply;
  plan: RunPlanReply | undefined;
  timeZone: string;
  whyNotCancel: string | null;
  whyNotApprove: string | null;
  onProblem: (problem: Problem | null) => void;
}) {
  const { run } = data;
  const waiting =
    run.status === "waiting_approval"
      ? (plan?.tables.filter(({ status, decision }) => status === "waiting" && decision === "") ??
        [])
      : [];
  return (
    <PageHead
      ruled={false}
      title={modeWord(run.mode)}
      tag={<RunStateTag state={run.status} detail={runDetail({ ...run, asOf: data.asOf })} />}
      sentence={
        <span className="flex flex-wrap items-center gap-x-3">
          <CutId id={run.runId} label="run id" />
          <TextLink href={`/t/${encodeURIComponent(run.tenantId)}`}>{run.tenantName}</TextLink>
          <span className="type-small text-ink-3">
            {run.objectsTotal > 0
              ? `${plural(run.objectsTotal, "object")}, ${formatBytes(run.bytesTotal)}, `
              : ""}
            asked for by {run.requestedBy || run.trigger}, {formatMoment(run.createdAt, timeZone)}
          </span>
        </span>
      }
      {...(isOpenRun(run.status)
        ? {
            actions:
              waiting.length > 0 ? (
                <DecideButtons
                  runId={run.runId}
                  plans={waiting}
                  whyNot={whyNotApprove}
                  onProblem={onProblem}
                />
              ) : (
                <CancelButton
                  runId={run.runId}
                  whyNot={whyNotCancel}
                  asked={run.cancelRequestedBy !== ""}
                  onProblem={onProblem}
                />
              ),
          }
        : {})}
    />
  );
}

/** Why the run did not end well. */
function Reason({ run }: { run: RunReply["run"] }) {
  const { hue, icon } = runStatus(run.status);
  return (
    <Banner hue={hue} icon={icon}>
      {run.error}{" "}
      {(run.ledger.rejected > 0 || /rejected|dead letters/.test(run.error)) && (
        <TextLink href={`/dlq?tenant=${encodeURIComponent(run.tenantId)}`}>
          Open the dead letters
        </TextLink>
      )}
    </Banner>
  );
}

function Where({
  data,
  outline,
  timeZone,
}: {
  data: RunReply;
  outline: FlowOutline;
  timeZone: string;
}) {
  const gantt = prepareGantt(data);
  return (
    <>
      <section aria-label="States">
        <SectionHead name="States" fact="of the state machine" rule="none" />
        <StateGraph model={prepareGraph(outline, data)} label="States of this run" />
      </section>
      <section aria-label="Tables and attempts">
        <SectionHead
          name="Tables and attempts"
          fact={data.tables.some((table) => table.usualSeconds !== null) ? <GanttKey /> : undefined}
          rule="new"
          actions={<span className="text-ink-3">{zoneName(timeZone)} time</span>}
        />
        {data.tables.length === 0 ? (
          <p className="border-t border-line px-4 py-2 text-ink-3">No table has begun.</p>
        ) : (
          <Gantt {...gantt} timeZone={timeZone} label="Tables and attempts over time" />
        )}
        {data.stepsCapped && (
          <p className="type-small px-4 py-1 text-ink-3">The newest 5 000 steps are drawn.</p>
        )}
      </section>
    </>
  );
}

function Right({ data, timeZone }: { data: RunReply; timeZone: string }) {
  const { runId } = data.run;
  const ledger = data.tables.map((table) => ({
    name: table.tableName,
    counts: table.ledger,
    open: isOpenRun(table.status),
    stopped: table.status === "cancelled" || table.status === "failed",
  }));
  const events = useRead(
    runEventsContract,
    { runId, level: "info", search: "", table: "", before: null, limit: EVENTS_SHOWN },
    { topics: [`run:${runId}`] },
  );
  return (
    <>
      <section aria-label="Row ledger">
        <SectionHead name="Row ledger" fact={<LedgerVerdict tables={ledger} />} rule="none" />
        {ledger.length === 0 ? (
          <p className="px-4 pb-3 text-ink-3">Nothing was read yet.</p>
        ) : (
          <RowLedger tables={ledger} />
        )}
      </section>
      <section aria-label="Events">
        <SectionHead name="Events" fact="newest first" rule="new" />
        <ReadBody query={events} what="Events" timeZone={timeZone} skeletonRows={6}>
          {(reply) =>
            reply.rows.length === 0 ? (
              <p className="px-4 pb-3 text-ink-3">Nothing happened yet.</p>
            ) : (
              <EventList
                events={eventLines(reply.rows)}
                timeZone={timeZone}
                label="Events, newest first"
              />
            )
          }
        </ReadBody>
      </section>
      <RunValidation
        runId={runId}
        timeZone={timeZone}
        waits={data.run.status === "waiting_approval"}
      />
    </>
  );
}
