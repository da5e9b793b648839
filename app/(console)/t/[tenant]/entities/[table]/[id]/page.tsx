import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { createLoader, type SearchParams } from "nuqs/server";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { entityOf } from "@/lib/catalog";
import { entityHistoryContract, lineageContract } from "@/lib/contracts/entities";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { entityKey, parseEntityKey } from "@/server/analytics/entity-key";
import { readLineage } from "@/server/analytics/lineage";
import { openTenantPage } from "@/server/pipeline/open-page";
import { recordParams } from "./search-params";
import { RecordView } from "./view";

const load = createLoader(recordParams);

interface Props {
  params: Promise<{ tenant: string; table: string; id: string }>;
  searchParams: Promise<SearchParams>;
}

/** A part of an address as its author wrote it. What is not valid percent-encoding is taken as it stands. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { table, id } = await params;
  const key = parseEntityKey(decoded(id));
  return { title: "id" in key ? `${table} ${key.id.slice(0, 60)}` : table };
}

export default async function RecordPage({ params, searchParams }: Props) {
  const [{ tenant, table, id }, { b }, timeZone] = await Promise.all([
    params,
    load(searchParams),
    pageZone(),
  ]);
  const { scope } = await openTenantPage("entity:read", tenant);
  const entity = entityOf(table);
  if (entity === undefined) notFound();
  const named = parseEntityKey(decoded(id));
  // One address for one record, so that the browser's reads find what was read ahead.
  const key = "id" in named ? entityKey(named.id) : `~~${named.sha256}`;
  const history = readEntityHistory(scope, entity, named);
  const versions = await history.then(
    (reply) => reply.versions,
    () => [],
  );
  const shown = versions.find((version) => version.number === b) ?? versions.at(-1);
  const tenantId = scope.tenantId;
  return (
    <Prefetched
      reads={[
        prefetch(entityHistoryContract, { tenantId, table: entity.name, key }, () => history, true),
        ...(shown === undefined
          ? []
          : [
              prefetch(
                lineageContract,
                { tenantId, table: entity.name, runId: shown.runId, objectKey: shown.sourceObject },
                () =>
                  readLineage(scope, {
                    tableName: entity.name,
                    runId: shown.runId,
                    objectKey: shown.sourceObject,
                  }),
              ),
            ]),
      ]}
    >
      <RecordView
        tenantId={tenantId}
        table={entity.name}
        label={entity.label}
        recordKey={key}
        timeZone={timeZone}
      />
    </Prefetched>
  );
}
