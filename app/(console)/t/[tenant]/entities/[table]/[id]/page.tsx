import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { entityOf } from "@/lib/catalog";
import { entityHistoryContract } from "@/lib/contracts/entities";
import { readEntityHistory } from "@/server/analytics/entity-history";
import { entityKey, parseEntityKey } from "@/server/analytics/entity-key";
import { openTenantPage } from "@/server/pipeline/open-page";
import { RecordView } from "./view";

interface Props {
  params: Promise<{ tenant: string; table: string; id: string }>;
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

export default async function RecordPage({ params }: Props) {
  const [{ tenant, table, id }, timeZone] = await Promise.all([params, pageZone()]);
  const { scope } = await openTenantPage("entity:read", tenant);
  const entity = entityOf(table);
  if (entity === undefined) notFound();
  const named = parseEntityKey(decoded(id));
  // One address for one record, so that the browser's reads find what was read ahead.
  const key = "id" in named ? entityKey(named.id) : `~~${named.sha256}`;
  return (
    <Prefetched
      reads={[
        prefetch(
          entityHistoryContract,
          { tenantId: scope.tenantId, table: entity.name, key },
          () => readEntityHistory(scope, entity, named),
          true,
        ),
      ]}
    >
      <RecordView
        tenantId={scope.tenantId}
        table={entity.name}
        label={entity.label}
        recordKey={key}
        timeZone={timeZone}
      />
    </Prefetched>
  );
}
