import type { Metadata } from "next";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { fleetContract } from "@/lib/contracts/fleet";
import { runsInFlightContract } from "@/lib/contracts/runs";
import { throughputContract } from "@/lib/contracts/throughput";
import { readFleet } from "@/server/analytics/fleet";
import { readRunsInFlight } from "@/server/analytics/runs-in-flight";
import { readThroughput } from "@/server/analytics/throughput";
import { openPage } from "@/server/pipeline/open-page";
import { fleetParams } from "@/app/(console)/_fleet/search-params";
import { FleetView } from "@/app/(console)/_fleet/view";

export const metadata: Metadata = { title: "Fleet" };

const load = createLoader(fleetParams);

export default async function FleetPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  await openPage();
  const [{ health, after, window }, timeZone] = await Promise.all([load(searchParams), pageZone()]);
  const input = fleetContract.input.parse({ health, after });
  return (
    <Prefetched
      reads={[
        prefetch(fleetContract, { health, after }, () => readFleet(input)),
        prefetch(throughputContract, { window }, () => readThroughput(window)),
        prefetch(runsInFlightContract, {}, () => readRunsInFlight()),
      ]}
    >
      <FleetView timeZone={timeZone} />
    </Prefetched>
  );
}
