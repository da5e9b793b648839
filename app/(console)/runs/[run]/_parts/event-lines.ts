import type { EventLine } from "@/components/data/event-list";
import type { IconName } from "@/components/ui/icon";
import type { RunEvent } from "@/lib/contracts/runs";
import type { Hue } from "@/lib/status";

const LOOKS: Readonly<Record<string, { icon: IconName; hue: Hue }>> = {
  run_started: { icon: "play", hue: "neutral" },
  run_resumed: { icon: "rotate-cw", hue: "warn" },
  batch_published: { icon: "circle-check", hue: "good" },
  rows_rejected: { icon: "inbox", hue: "warn" },
  object_failed: { icon: "inbox", hue: "bad" },
  retrying: { icon: "rotate-cw", hue: "warn" },
  waiting_for_lease: { icon: "hourglass", hue: "neutral" },
  table_failed: { icon: "circle-x", hue: "bad" },
  cancel_requested: { icon: "ban", hue: "warn" },
};

const BY_LEVEL: Readonly<Record<RunEvent["level"], { icon: IconName; hue: Hue }>> = {
  info: { icon: "circle-dot", hue: "neutral" },
  warn: { icon: "triangle-alert", hue: "warn" },
  error: { icon: "circle-x", hue: "bad" },
};

/** What an event says in a line: its table first. */
export function eventText(event: RunEvent): string {
  const message =
    event.event === "cancel_requested" ? `Cancel asked for by ${event.message}` : event.message;
  return event.tableName === "" ? message : `${event.tableName}: ${message}`;
}

/** Events as the list shows them. */
export function eventLines(events: readonly RunEvent[]): EventLine[] {
  return events.map((event) => {
    const good = event.event === "run_finished" && event.level === "info";
    const look = good
      ? { icon: "circle-check" as const, hue: "good" as const }
      : event.level === "error"
        ? (LOOKS[event.event] ?? BY_LEVEL.error)
        : (LOOKS[event.event] ?? BY_LEVEL[event.level]);
    return { id: `${event.at} ${event.sequence}`, at: event.at, text: eventText(event), ...look };
  });
}
