"use client";

import { Button } from "@/components/ui/button";
import { InputField } from "@/components/ui/field";
import { Popover } from "@/components/ui/popover";
import { formatMoment, formatUtcEcho, zoneName } from "@/lib/time";
import { fromWallClock, toWallClock } from "@/lib/wall-clock";
import { useState } from "react";

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
  const [start, setStart] = useState(toWallClock(from, timeZone));
  const [end, setEnd] = useState(toWallClock(to, timeZone));
  const echo = (text: string): string => {
    const moment = fromWallClock(text, timeZone);
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
          onChange({ from: fromWallClock(start, timeZone), to: fromWallClock(end, timeZone) });
        }}
      >
        <div className="flex flex-wrap gap-2">
          {[1, 6, 24, 168].map((hours) => (
            <Button
              key={hours}
              size="small"
              onClick={() => {
                const since = new Date(Date.now() - hours * 3_600_000);
                setStart(toWallClock(since, timeZone));
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
