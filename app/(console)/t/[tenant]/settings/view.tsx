"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useLive } from "@/app/(console)/_read/live";
import { useRead } from "@/app/(console)/_read/use-read";
import { Page, Pane, Panes } from "@/components/shell/page";
import { PageHead } from "@/components/shell/page-head";
import { Tag } from "@/components/ui/tag";
import { tenantSettingsContract, type TenantSettingsReply } from "@/lib/contracts/tenant-settings";
import { tenantContract } from "@/lib/contracts/tenants";
import { formatAge, formatNear, toMs } from "@/lib/time";
import { TenantTabs } from "../_parts/tenant-tabs";
import { PauseButton } from "./_parts/pause-button";
import { RetentionForm } from "./_parts/retention-form";
import { ScheduleNow } from "./_parts/schedule-now";
import { SettingsForm } from "./_parts/settings-form";

/** When the next increment is due, or why none is, in a sentence. */
function sentenceOf(
  { asOf, settings, standing, loaded }: TenantSettingsReply,
  zone: string,
): string {
  if (settings.paused) {
    const since =
      settings.pausedAt === null ? "" : ` since ${formatNear(settings.pausedAt, asOf, zone)}`;
    const why = settings.pauseReason === "" ? "" : `: ${settings.pauseReason}`;
    return `nothing starts by itself; paused by ${settings.pausedBy}${since}${why}`;
  }
  if (!loaded) return "increments begin with its bulk load";
  if (standing.nextAt === null) return "the schedule has no more times";
  const seconds = (toMs(standing.nextAt) - toMs(asOf)) / 1000;
  return seconds <= 0
    ? "an increment is due now"
    : `next increment at ${formatNear(standing.nextAt, asOf, zone)}, in ${formatAge(seconds)}`;
}

/** A tenant's schedule, share and limits, and what the schedule comes to now. */
export function SettingsView({
  tenantId,
  timeZone,
  whyNotChange,
  whyNotPause,
}: {
  tenantId: string;
  timeZone: string;
  whyNotChange: string | null;
  whyNotPause: string | null;
}) {
  useLive();
  const query = useRead(
    tenantSettingsContract,
    { tenantId },
    { topics: [`tenant:${tenantId}`, "fleet"], keepPrevious: false },
  );
  const tenant = useRead(tenantContract, { tenantId }, { topics: ["fleet"] }).data;
  const name = tenant?.tenant.name ?? tenantId;
  return (
    <Page>
      <ReadBody query={query} what="This tenant’s settings" timeZone={timeZone} level={1}>
        {(data) => (
          <>
            <PageHead
              ruled={false}
              title={name}
              tag={
                data.settings.paused ? (
                  <Tag hue="warn" icon="pause">
                    Paused
                  </Tag>
                ) : undefined
              }
              sentence={sentenceOf(data, timeZone)}
              actions={
                <PauseButton
                  tenantId={tenantId}
                  tenantName={name}
                  paused={data.settings.paused}
                  whyNot={whyNotPause}
                />
              }
            />
            <TenantTabs
              tenantId={tenantId}
              current="settings"
              tables={tenant?.tenant.tables.length}
              runs={tenant?.runs.count}
              deadLetters={tenant?.openDeadLetters.count}
              firstTable={tenant?.tenant.tables[0]?.tableName}
            />
            <Panes>
              <Pane name="Settings">
                {/* What was saved is what the fields begin with again. */}
                <SettingsForm
                  key={JSON.stringify(data.settings)}
                  data={data}
                  whyNot={whyNotChange}
                />
                <RetentionForm
                  key={data.retentionDays}
                  tenantId={tenantId}
                  days={data.retentionDays}
                  whyNot={whyNotChange}
                />
              </Pane>
              <Pane name="Schedule now" width="side">
                <ScheduleNow data={data} timeZone={timeZone} />
              </Pane>
            </Panes>
          </>
        )}
      </ReadBody>
    </Page>
  );
}
