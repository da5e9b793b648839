"use client";

import { useState } from "react";
import { setTenantAction } from "@/app/(console)/actions/tenants";
import { ProblemLine } from "@/app/(console)/settings/_parts/problem-line";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { SectionHead } from "@/components/ui/section-head";
import { SelectField } from "@/components/ui/select-field";
import type { TenantSettingsReply } from "@/lib/contracts/tenant-settings";
import type { ScheduleKind } from "@/lib/schedule";
import { zoneName } from "@/lib/time";
import { changesOf, FIELDS, previewWords, PRIORITY_OPTIONS } from "./draft";
import { useSetting } from "./use-setting";

const KINDS: readonly { value: ScheduleKind; label: string }[] = [
  { value: "interval", label: "Every so many minutes" },
  { value: "cron", label: "At times of a cron expression" },
];

const GROUP = "grid max-w-180 items-start gap-x-4 gap-y-3 px-4 pt-1 pb-4 sm:grid-cols-2";

/** A tenant's schedule, share and limits. Each field says its own limit; the server decides. */
export function SettingsForm({
  data,
  whyNot,
}: {
  data: TenantSettingsReply;
  whyNot: string | null;
}) {
  const { settings, timeZone } = data;
  const { busy, problem, faultOf, run } = useSetting();
  const [kind, setKind] = useState<ScheduleKind>(settings.scheduleKind);
  const [typed, setTyped] = useState({
    interval: String(settings.intervalMinutes),
    cron: settings.cron,
    zone: settings.scheduleTimeZone,
  });
  const preview = previewWords(
    settings.tenantId,
    {
      kind,
      intervalMinutes: Number(typed.interval),
      cron: typed.cron,
      timeZone: typed.zone.trim() === "" ? timeZone : typed.zone.trim(),
    },
    data.asOf,
  );
  const readOnly = whyNot !== null;
  return (
    <form
      aria-label="Settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        const changes = changesOf(new FormData(event.currentTarget), settings);
        run(() => setTenantAction(settings.tenantId, changes), "Settings saved");
      }}
    >
      <SectionHead name="Schedule" fact="when an increment looks for new objects" rule="none" />
      <div className={GROUP}>
        <SelectField
          label="Kind of schedule"
          name="scheduleKind"
          options={KINDS}
          value={kind}
          onChange={setKind}
        />
        {kind === "interval" ? (
          <InputField
            label="Every"
            name="intervalMinutes"
            inputMode="numeric"
            suffix="min"
            value={typed.interval}
            readOnly={readOnly}
            onChange={(event) => setTyped({ ...typed, interval: event.target.value })}
            error={faultOf("intervalMinutes")}
            help={preview}
          />
        ) : (
          <>
            <InputField
              label="Cron expression"
              name="cron"
              mono
              spellCheck={false}
              autoComplete="off"
              placeholder="30 5 * * *"
              value={typed.cron}
              readOnly={readOnly}
              onChange={(event) => setTyped({ ...typed, cron: event.target.value })}
              error={faultOf("cron")}
              help={preview ?? "Minute, hour, day of the month, month, day of the week."}
            />
            <InputField
              label="Time zone of the expression"
              name="scheduleTimeZone"
              spellCheck={false}
              autoComplete="off"
              placeholder={timeZone}
              value={typed.zone}
              readOnly={readOnly}
              onChange={(event) => setTyped({ ...typed, zone: event.target.value })}
              error={faultOf("scheduleTimeZone")}
              help={`Such as Europe/Berlin. Empty: the tenant’s own, ${zoneName(timeZone)}.`}
            />
          </>
        )}
      </div>
      <SectionHead name="Share of the work" fact="where tenants wait for each other" />
      <div className={GROUP}>
        <SelectField
          label="Priority"
          name="priority"
          options={PRIORITY_OPTIONS}
          defaultValue={settings.priority}
        />
        <InputField
          label="Tables at once"
          name="tablesAtOnce"
          inputMode="numeric"
          defaultValue={settings.tablesAtOnce}
          readOnly={readOnly}
          error={faultOf("tablesAtOnce")}
          help="1 to 10, over all runs of this tenant."
        />
      </div>
      <SectionHead name="Limits" fact="what is held back, and what counts as late" />
      <div className={GROUP}>
        <InputField
          label="Reject threshold"
          name="rejectThresholdPercent"
          inputMode="decimal"
          suffix="%"
          defaultValue={settings.rejectThresholdPercent}
          readOnly={readOnly}
          error={faultOf("rejectThresholdPercent")}
          help="A batch with a greater share of rejected rows is not published."
        />
        <InputField
          label="Threshold counts from"
          name="rejectMinimumRows"
          inputMode="numeric"
          suffix="rows"
          defaultValue={settings.rejectMinimumRows}
          readOnly={readOnly}
          error={faultOf("rejectMinimumRows")}
          help="Smaller batches are published whatever their share."
        />
        <InputField
          label="Delete threshold"
          name="deleteThresholdPercent"
          inputMode="decimal"
          suffix="%"
          defaultValue={settings.deleteThresholdPercent}
          readOnly={readOnly}
          error={faultOf("deleteThresholdPercent")}
          help="A full extract that would delete a greater share of the current records stops as a plan."
        />
        <InputField
          label="Delete threshold counts from"
          name="deleteMinimumRecords"
          inputMode="numeric"
          suffix="rec."
          defaultValue={settings.deleteMinimumRecords}
          readOnly={readOnly}
          error={faultOf("deleteMinimumRecords")}
          help="Fewer deletions are published whatever their share."
        />
        <InputField
          label="Freshness target"
          name="freshnessTargetMinutes"
          inputMode="numeric"
          suffix="min"
          defaultValue={settings.freshnessTargetMinutes}
          readOnly={readOnly}
          error={faultOf("freshnessTargetMinutes")}
          help="A table whose newest object is older is late."
        />
      </div>
      <div className="flex flex-wrap items-center gap-3 border-t border-line px-4 py-3">
        <Button
          kind={settings.paused ? "plain" : "main"}
          type="submit"
          busy={busy}
          busyLabel="Saving…"
          offReason={whyNot ?? undefined}
        >
          Save settings
        </Button>
        <ProblemLine problem={problem} shown={FIELDS} />
      </div>
    </form>
  );
}
