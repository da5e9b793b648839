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
import { RECENT_RUNS } from "./_parts/recent-count";
import { worstFirst } from "./_parts/worst-table";
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
  // What the view draws where the address names no table; when the tenant cannot be read there is nothing to draw.
  const tables = await reply.then(
    ({ tenant }) => worstFirst(tenant.tables).map((one) => one.tableName),
    (): string[] => [],
  );
  const drawn = table !== null && tables.includes(table) ? table : tables[0];
  const runsInput = { tenant: [tenantId], limit: RECENT_RUNS };
  return (
    <Prefetched
      reads={[
        prefetch(tenantContract, { tenantId }, () => reply, true),
        prefetch(tenantValidationContract, { tenantId }, () => readNewestValidation(scope)),
        prefetch(runsContract, runsInput, () =>
          readRuns({ tenants: [tenantId], after: null, until: null, limit: RECENT_RUNS }),
        ),
        ...(drawn === undefined
          ? []
          : [
              prefetch(tableAgeContract, { tenantId, table: drawn, window }, () =>
                readTableAge(scope, drawn, window),
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
