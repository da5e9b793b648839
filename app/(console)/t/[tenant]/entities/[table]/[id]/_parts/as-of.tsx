"use client";

import { useState } from "react";
import { Banner } from "@/components/ui/banner";
import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { Popover } from "@/components/ui/popover";
import { formatClockSeconds, formatDate, formatUtcEcho, zoneName } from "@/lib/time";
import { fromWallClock, toWallClock } from "@/lib/wall-clock";
import type { InForce } from "./in-force";

/** The same moment in UTC, and in the reader's zone where that is another than the tenant's. */
function echo(moment: Date, tenantZone: string, timeZone: string): string {
  const utc = formatUtcEcho(moment, tenantZone);
  if (timeZone === tenantZone || timeZone === "UTC") return utc;
  return `${utc}, ${formatClockSeconds(moment, timeZone)} ${zoneName(timeZone)}`;
}

/** Chooses the moment at which the record is looked at, on the tenant's clock; UTC and the reader's are said again. */
export function AsOfButton({
  at,
  asOf,
  tenantZone,
  timeZone,
  onChange,
}: {
  at: Date | null;
  /** When the history was read: where the clock begins. */
  asOf: string;
  tenantZone: string;
  timeZone: string;
  onChange: (at: Date | null) => void;
}) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState(toWallClock(at ?? new Date(asOf), tenantZone));
  const moment = fromWallClock(typed, tenantZone);
  return (
    <Popover
      title="The record as of"
      align="end"
      className="w-76"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button icon="history">
          {at === null ? "As of now" : `As of ${formatDate(at, tenantZone)}`}
        </Button>
      }
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (moment === null) return;
          onChange(moment);
          setOpen(false);
        }}
      >
        <InputField
          label={`Moment, ${zoneName(tenantZone)} time`}
          type="datetime-local"
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          error={moment === null ? "Give a day and a time." : undefined}
          help={moment === null ? undefined : echo(moment, tenantZone, timeZone)}
        />
        <div className="flex justify-end gap-2">
          {at !== null && (
            <Button
              size="small"
              kind="quiet"
              onClick={() => {
                onChange(null);
                setOpen(false);
              }}
            >
              Back to now
            </Button>
          )}
          <Button size="small" type="submit">
            Show
          </Button>
        </div>
      </form>
    </Popover>
  );
}

/** What the record was at the chosen moment, in a sentence. */
export function AsOfBanner({
  at,
  was,
  tenantZone,
  timeZone,
  onBack,
}: {
  at: Date;
  was: InForce;
  tenantZone: string;
  timeZone: string;
  onBack: () => void;
}) {
  return (
    <Banner
      hue="warn"
      icon="history"
      strong={`As of ${formatDate(at, tenantZone)} ${formatClockSeconds(at, tenantZone)} ${zoneName(tenantZone)}`}
      actions={
        <Button size="small" onClick={onBack}>
          Back to now
        </Button>
      }
    >
      <span className="text-ink-2">({echo(at, tenantZone, timeZone)})</span> {sentence(was)}
    </Banner>
  );
}

function sentence(was: InForce): string {
  switch (was.kind) {
    case "version":
      return `version ${was.version.number} was in force.`;
    case "not-yet":
      return "the record was not there yet; its first version is shown.";
    case "deleted":
      return `the record was deleted; version ${was.shown.number}, the last before, is shown.`;
    case "left-out":
      return "it had older versions, which are not read here; the oldest that was is shown.";
  }
}
