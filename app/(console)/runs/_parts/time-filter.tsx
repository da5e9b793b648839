"use client";

import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { Popover } from "@/components/ui/popover";
import { formatMoment, formatUtcEcho, zoneName, zoneOffsetMs } from "@/lib/time";
import { useState } from "react";

/** The value of a `datetime-local` input for a moment, on the wall clock of a zone. */
function toLocal(moment: Date | null, timeZone: string): string {
  if (moment === null) return "";
  return new Date(moment.getTime() + zoneOffsetMs(moment, timeZone)).toISOString().slice(0, 16);
}

/** The moment that a wall clock in a zone shows; null for an empty or unfinished input. */
function fromLocal(text: string, timeZone: string): Date | null {
  const wall = Date.parse(`${text}:00Z`);
  if (Number.isNaN(wall)) return null;
  // The offset at the wanted moment is not known before the moment is: the second round settles it across a change of clocks.
  const first = wall - zoneOffsetMs(wall, timeZone);
  return new Date(wall - zoneOffsetMs(first, timeZone));
}

/** From and to, with the zone named and UTC said again; presets beside it. */
export function TimeFilter({
  from,
  to,
  timeZone,
  onChange,
}: {
  from: Date | null;
  to: Date | null;
  timeZone: string;
  onChange: (range: { from: Date | null; to: Date | null }) => void;
}) {
  const [start, setStart] = useState(toLocal(from, timeZone));
  const [end, setEnd] = useState(toLocal(to, timeZone));
  const echo = (text: string): string => {
    const moment = fromLocal(text, timeZone);
    return moment === null ? "no limit" : formatUtcEcho(moment, timeZone);
  };
  const zone = zoneName(timeZone);
  const word =
    from === null && to === null
      ? "Any time"
      : `${from === null ? "…" : formatMoment(from, timeZone)} – ${to === null ? "now" : formatMoment(to, timeZone)}`;
  return (
    <Popover
      title="Asked for between"
      align="end"
      className="w-76"
      trigger={
        <Button size="small" icon="clock">
          {word}
        </Button>
      }
    >
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          onChange({ from: fromLocal(start, timeZone), to: fromLocal(end, timeZone) });
        }}
      >
        <div className="flex flex-wrap gap-2">
          {[1, 6, 24, 168].map((hours) => (
            <Button
              key={hours}
              size="small"
              onClick={() => {
                const since = new Date(Date.now() - hours * 3_600_000);
                setStart(toLocal(since, timeZone));
                setEnd("");
                onChange({ from: since, to: null });
              }}
            >
              {hours === 168 ? "last 7 d" : `last ${hours} h`}
            </Button>
          ))}
        </div>
        <InputField
          label={`From, ${zone} time`}
          type="datetime-local"
          value={start}
          onChange={(event) => setStart(event.target.value)}
          help={echo(start)}
        />
        <InputField
          label={`To, ${zone} time`}
          type="datetime-local"
          value={end}
          onChange={(event) => setEnd(event.target.value)}
          help={echo(end)}
        />
        <div className="flex justify-end gap-2">
          <Button
            size="small"
            kind="quiet"
            onClick={() => {
              setStart("");
              setEnd("");
              onChange({ from: null, to: null });
            }}
          >
            Any time
          </Button>
          <Button size="small" type="submit">
            Apply
          </Button>
        </div>
      </form>
    </Popover>
  );
}
