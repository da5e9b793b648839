import type { Metadata } from "next";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { tenantsContract } from "@/lib/contracts/tenants";
import { readTenants } from "@/server/analytics/fleet";
import { parseInput } from "@/server/parse-input";
import { openPage } from "@/server/pipeline/open-page";
import { tenantsParams } from "./search-params";
import { TenantsView } from "./view";

export const metadata: Metadata = { title: "Tenants" };

const load = createLoader(tenantsParams);

export default async function TenantsPage({
  searchParams,
}: {
  searchParams: Promise<SearchParams>;
}) {
  await openPage();
  const [input, timeZone] = await Promise.all([load(searchParams), pageZone()]);
  return (
    <Prefetched
      reads={[
        prefetch(tenantsContract, input, () =>
          readTenants(parseInput(tenantsContract.input, input)),
        ),
      ]}
    >
      <TenantsView timeZone={timeZone} />
    </Prefetched>
  );
}
