import type { Metadata } from "next";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { tenantValidationContract, runsContract } from "@/lib/contracts/runs";
import { tableAgeContract, tenantContract } from "@/lib/contracts/tenants";
import { whyNot } from "@/lib/permissions";
import { readRuns } from "@/server/analytics/run-list";
import { readTableAge } from "@/server/analytics/table-age";
import { readTenant } from "@/server/analytics/tenant";
import { readNewestValidation } from "@/server/analytics/validation";
import { openTenantPage } from "@/server/pipeline/open-page";
import { tableOf } from "@/server/pipeline/operations/table-of";
import { RECENT_RUNS } from "./_parts/recent-count";
import { tenantParams } from "./search-params";
import { TenantView } from "./view";

const load = createLoader(tenantParams);

interface Props {
  params: Promise<{ tenant: string }>;
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).tenant };
}

export default async function TenantPage({ params, searchParams }: Props) {
  const { tenant } = await params;
  const { actor, scope } = await openTenantPage("tenant:read", tenant);
  const tenantId = scope.tenantId;
  const [{ table, window }, timeZone] = await Promise.all([load(searchParams), pageZone()]);
  const reply = readTenant(scope);
  const runsInput = { tenant: [tenantId], limit: RECENT_RUNS };
  return (
    <Prefetched
      reads={[
        prefetch(tenantContract, { tenantId }, () => reply, true),
        prefetch(tenantValidationContract, { tenantId }, () => readNewestValidation(scope)),
        prefetch(runsContract, runsInput, () =>
          readRuns({ tenants: [tenantId], after: null, until: null, limit: RECENT_RUNS }),
        ),
        ...(table === null
          ? []
          : [
              prefetch(tableAgeContract, { tenantId, table, window }, () =>
                readTableAge(scope, tableOf(table).name, window),
              ),
            ]),
      ]}
    >
      <TenantView
        tenantId={tenantId}
        timeZone={timeZone}
        whyNotIncrement={whyNot(actor.role, "run:start-increment")}
        whyNotBulk={whyNot(actor.role, "run:start-bulk")}
      />
    </Prefetched>
  );
}
