import { HUE_TEXT } from "@/components/ui/hue";
import { Icon, type IconName } from "@/components/ui/icon";
import { TextLink } from "@/components/ui/text-link";
import { cn } from "@/lib/cn";
import type { Hue } from "@/lib/status";
import { formatClockSeconds, formatDay, formatIsoUtc, type Moment } from "@/lib/time";

export interface EventLine {
  id: string;
  at: Moment;
  icon: IconName;
  hue: Hue;
  text: string;
  href?: string | undefined;
  turning?: boolean | undefined;
}

/** What happened, one line each, newest first. A day is named where it changes. */
export function EventList({
  events,
  timeZone,
  label,
}: {
  events: readonly EventLine[];
  timeZone: string;
  label: string;
}) {
  return (
    <ol aria-label={label} className="px-4">
      {events.map((event, index) => {
        const before = events[index - 1];
        const newDay =
          before !== undefined && formatDay(before.at, timeZone) !== formatDay(event.at, timeZone);
        return (
          <li
            key={event.id}
            className="type-small flex min-h-6.25 items-baseline gap-2 border-b border-line py-1 text-ink"
          >
            <time
              dateTime={new Date(event.at).toISOString()}
              title={formatIsoUtc(event.at)}
              className="w-13.5 shrink-0 text-ink-3"
            >
              {newDay ? formatDay(event.at, timeZone) : formatClockSeconds(event.at, timeZone)}
            </time>
            <Icon
              name={event.icon}
              size={12}
              turning={event.turning === true}
              className={cn(
                "translate-y-0.5",
                event.hue === "neutral" ? "text-ink-3" : HUE_TEXT[event.hue],
              )}
            />
            <span className="line-clamp-3 min-w-0 [overflow-wrap:anywhere]" title={event.text}>
              {event.href === undefined ? (
                event.text
              ) : (
                <TextLink href={event.href}>{event.text}</TextLink>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}
