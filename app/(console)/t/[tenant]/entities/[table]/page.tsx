import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { entityOf } from "@/lib/catalog";
import { entitySearchContract } from "@/lib/contracts/entities";
import { searchEntities } from "@/server/analytics/entity-search";
import { parseInput } from "@/server/parse-input";
import { openTenantPage } from "@/server/pipeline/open-page";
import { recordsParams } from "./search-params";
import { RecordsView } from "./view";

const load = createLoader(recordsParams);

interface Props {
  params: Promise<{ tenant: string; table: string }>;
  searchParams: Promise<SearchParams>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { tenant, table } = await params;
  return { title: `${table} of ${tenant}` };
}

export default async function RecordsPage({ params, searchParams }: Props) {
  const [{ tenant, table }, { id, after }, timeZone] = await Promise.all([
    params,
    load(searchParams),
    pageZone(),
  ]);
  const { scope } = await openTenantPage("entity:read", tenant);
  const entity = entityOf(table);
  if (entity === undefined) notFound();
  const input = { tenantId: scope.tenantId, table: entity.name, query: id, after };
  return (
    <Prefetched
      reads={[
        prefetch(entitySearchContract, input, () =>
          searchEntities(scope, entity, parseInput(entitySearchContract.input, input)),
        ),
      ]}
    >
      <RecordsView
        tenantId={scope.tenantId}
        table={entity.name}
        idColumn={entity.idColumn}
        titleColumn={entity.titleColumn}
        timeZone={timeZone}
      />
    </Prefetched>
  );
}
