import { Facts } from "@/components/ui/facts";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import type { TenantSettingsReply } from "@/lib/contracts/tenant-settings";
import { formatBytes, formatCount, plural } from "@/lib/format";
import { formatAge, formatIsoUtc, formatNear, toMs, zoneName } from "@/lib/time";

/** What the schedule comes to now: next times, the last look into the store, what waits, who starts increments. */
export function ScheduleNow({ data, timeZone }: { data: TenantSettingsReply; timeZone: string }) {
  const { asOf, check, standing, scheduler } = data;
  const age = (at: string): string => formatAge((toMs(asOf) - toMs(at)) / 1000);
  const look =
    check === null ? (
      "none yet"
    ) : (
      <span title={formatIsoUtc(check.checkedAt)}>
        {formatNear(check.checkedAt, asOf, timeZone)}, {age(check.checkedAt)} ago
      </span>
    );
  return (
    <>
      <section aria-label="Next increments">
        <SectionHead name="Next increments" fact={zoneName(timeZone)} rule="none" />
        {data.nextTimes.length === 0 ? (
          <p className="border-t border-line px-4 py-2 text-ink-2">
            {standing.paused
              ? "None while it is paused."
              : data.loaded
                ? "None: the schedule has no more times."
                : "None before the bulk load."}
          </p>
        ) : (
          <ol className="border-t border-line">
            {data.nextTimes.map((at) => (
              <li
                key={at}
                className="flex min-h-7 items-center justify-between border-b border-line px-4 last:border-0"
              >
                <span title={formatIsoUtc(at)}>{formatNear(at, asOf, timeZone)}</span>
                <span className="text-ink-3">in {formatAge((toMs(at) - toMs(asOf)) / 1000)}</span>
              </li>
            ))}
          </ol>
        )}
      </section>
      <section aria-label="Last look">
        <SectionHead name="Last look into the store" rule="new" />
        <div className="border-t border-line px-4 py-2">
          <Facts
            facts={[
              { name: "when", value: look },
              ...(check === null
                ? []
                : [
                    {
                      name: "because",
                      value: check.cause === "event" ? "an object landed" : "the schedule said so",
                    },
                    { name: "result", value: <Outcome check={check} /> },
                  ]),
            ]}
          />
        </div>
      </section>
      <section aria-label="Waiting objects">
        <SectionHead
          name="Waiting objects"
          fact={standing.waitingObjects === 0 ? "none" : formatCount(standing.waitingObjects)}
          rule="new"
        />
        {(check?.waiting ?? []).length > 0 && (
          <table className="type-base w-full border-t border-line" aria-label="Waiting objects">
            <thead className="type-small text-ink-3">
              <tr>
                <th className="py-1 pl-4 text-left font-normal">Table</th>
                <th className="text-right font-normal">Objects</th>
                <th className="text-right font-normal">Size</th>
                <th className="pr-4 text-right font-normal">Oldest</th>
              </tr>
            </thead>
            <tbody>
              {check?.waiting.map((table) => (
                <tr key={table.tableName} className="border-t border-line">
                  <td className="py-1 pl-4">{table.tableName}</td>
                  <td className="text-right">{formatCount(table.objects)}</td>
                  <td className="text-right">{formatBytes(table.bytes)}</td>
                  <td className="pr-4 text-right" title={formatIsoUtc(table.oldestAt)}>
                    {age(table.oldestAt)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <section aria-label="Who starts increments">
        <SectionHead name="Who starts increments" rule="new" />
        <p className="border-t border-line px-4 py-2 text-ink-2">{starterWords(scheduler)}</p>
      </section>
    </>
  );
}

function Outcome({ check }: { check: NonNullable<TenantSettingsReply["check"]> }) {
  if (check.outcome === "failed") return <span className="text-bad">{check.error}</span>;
  if (check.outcome === "nothing_new") return "nothing new, so no run";
  return (
    <>
      {check.waiting.length > 0 && `${plural(check.waiting.length, "table")} with new objects, `}
      <TextLink href={`/runs/${encodeURIComponent(check.runId)}`}>run started</TextLink>
    </>
  );
}

function starterWords(scheduler: TenantSettingsReply["scheduler"]): string {
  if (scheduler === null || !scheduler.alive)
    return "Nobody now: no console or worker has given a sign of life. Start one with avesa up or avesa work.";
  if (scheduler.landing === "watch")
    return "The schedule, and every object that lands: the store’s directory is watched, and an increment starts within seconds.";
  return `The schedule. ${scheduler.message}`;
}
