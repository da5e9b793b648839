import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { runPlanContract } from "@/lib/contracts/plans";
import { runContract, runEventsContract, runValidationContract } from "@/lib/contracts/runs";
import { RunId } from "@/lib/contracts/values";
import { truncateId } from "@/lib/format";
import { whyNot } from "@/lib/permissions";
import { readRun, tenantOfRun } from "@/server/analytics/run-detail";
import { readRunEvents } from "@/server/analytics/run-events";
import { readRunPlan } from "@/server/analytics/run-plan";
import { readRunValidation } from "@/server/analytics/validation";
import { openPage, openTenantPage } from "@/server/pipeline/open-page";
import { parseInput } from "@/server/parse-input";
import { stateMachine } from "@/server/runs/state-machine";
import { flowOutline } from "./_parts/flow-outline";
import { runParams } from "./search-params";
import { EVENTS_SHOWN } from "./_parts/events-shown";
import { RunView } from "./view";

const load = createLoader(runParams);

interface Props {
  params: Promise<{ run: string }>;
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Run ${truncateId((await params).run)}` };
}

export default async function RunPage({ params, searchParams }: Props) {
  const [{ run }, state, timeZone] = await Promise.all([params, load(searchParams), pageZone()]);
  // Who asks comes before what is asked for: a stranger is not told which runs there are.
  await openPage();
  const runId = RunId.safeParse(decodeURIComponent(run));
  const tenantId = runId.success ? await tenantOfRun(runId.data) : undefined;
  if (!runId.success || tenantId === undefined) notFound();
  const { actor, scope } = await openTenantPage("run:read", tenantId);
  const id = runId.data;
  const tail = {
    runId: id,
    level: "info",
    search: "",
    table: "",
    before: null,
    limit: EVENTS_SHOWN,
  };
  const log = {
    runId: id,
    level: state.level,
    search: state.log,
    table: state.table,
    before: state.before,
    limit: 50,
  };
  const events = (input: Record<string, unknown>) => () => {
    const { table, ...rest } = parseInput(runEventsContract.input, input);
    return readRunEvents(scope, { ...rest, tableName: table });
  };
  return (
    <Prefetched
      reads={[
        prefetch(runContract, { runId: id }, () => readRun(scope, id), true),
        prefetch(runPlanContract, { runId: id }, () => readRunPlan(scope, id)),
        prefetch(runEventsContract, tail, events(tail)),
        prefetch(runEventsContract, log, events(log)),
        prefetch(runValidationContract, { runId: id }, () => readRunValidation(scope, id)),
      ]}
    >
      <RunView
        runId={id}
        timeZone={timeZone}
        outline={flowOutline(stateMachine)}
        whyNotCancel={whyNot(actor.role, "run:cancel")}
        whyNotApprove={whyNot(actor.role, "run:approve")}
        whyNotRedrive={whyNot(actor.role, "run:redrive")}
      />
    </Prefetched>
  );
}
