import type { Metadata } from "next";
import { prefetch, Prefetched } from "@/app/(console)/_read/prefetch";
import { pageZone } from "@/app/(console)/_read/page-zone";
import { tenantSettingsContract } from "@/lib/contracts/tenant-settings";
import { tenantContract } from "@/lib/contracts/tenants";
import { whyNot } from "@/lib/permissions";
import { readTenant } from "@/server/analytics/tenant";
import { readTenantSettings } from "@/server/analytics/tenant-settings";
import { openTenantPage } from "@/server/pipeline/open-page";
import { SettingsView } from "./view";

interface Props {
  params: Promise<{ tenant: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Settings of ${(await params).tenant}` };
}

export default async function TenantSettingsPage({ params }: Props) {
  const { actor, scope } = await openTenantPage("tenant:read", (await params).tenant);
  const { tenantId } = scope;
  const timeZone = await pageZone();
  return (
    <Prefetched
      reads={[
        prefetch(tenantSettingsContract, { tenantId }, () => readTenantSettings(scope), true),
        prefetch(tenantContract, { tenantId }, () => readTenant(scope)),
      ]}
    >
      <SettingsView
        tenantId={tenantId}
        timeZone={timeZone}
        whyNotChange={whyNot(actor.role, "tenant:manage")}
        whyNotPause={whyNot(actor.role, "tenant:pause")}
      />
    </Prefetched>
  );
}
