import type { Metadata } from "next";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { runsContract } from "@/lib/contracts/runs";
import { readRuns } from "@/server/analytics/run-list";
import { openPage } from "@/server/pipeline/open-page";
import { parseInput } from "@/server/parse-input";
import { runsInput, runsParams } from "./search-params";
import { RunsView } from "./view";

export const metadata: Metadata = { title: "Runs" };

const load = createLoader(runsParams);

export default async function RunsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  await openPage();
  const [state, timeZone] = await Promise.all([load(searchParams), pageZone()]);
  const input = runsInput(state);
  return (
    <Prefetched
      reads={[
        prefetch(runsContract, input, () => {
          const { tenant, ...rest } = parseInput(runsContract.input, input);
          return readRuns({ ...rest, tenants: tenant });
        }),
      ]}
    >
      <RunsView timeZone={timeZone} />
    </Prefetched>
  );
}
