import type { ExecutionCall } from "@/lib/contracts/run-execution";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatClockSeconds, formatDay, formatIsoUtc } from "@/lib/time";

/** Each call of a task, oldest first, with what went in and came out. */
export function ExecutionCalls({
  calls,
  timeZone,
}: {
  calls: readonly ExecutionCall[];
  timeZone: string;
}) {
  if (calls.length === 0) {
    return <p className="border-t border-line px-4 py-2 text-ink-3">No task was called yet.</p>;
  }
  return (
    <ol aria-label="Calls of tasks" className="type-small">
      {calls.map((call) => (
        <li
          key={`${call.startedAt} ${call.state} ${call.tableName} ${call.attempt}`}
          className="border-t border-line px-4 py-1"
        >
          <p className="flex flex-wrap items-baseline gap-x-3">
            <time
              dateTime={call.startedAt}
              title={formatIsoUtc(call.startedAt)}
              className="text-ink-3"
            >
              {formatDay(call.startedAt, timeZone)} {formatClockSeconds(call.startedAt, timeZone)}
            </time>
            <span className="font-medium text-ink">{call.state}</span>
            {call.tableName !== "" && <span>{call.tableName}</span>}
            <span className="text-ink-3">attempt {call.attempt}</span>
            <span
              className={cn(
                "min-w-0 [overflow-wrap:anywhere]",
                call.status === "failed" ? "text-bad" : "text-ink-2",
              )}
            >
              {call.status === "failed" && (
                <Icon name="circle-x" size={12} className="mr-1 inline-block align-[-2px]" />
              )}
              {call.status}
              {call.error === "" ? "" : `: ${call.error}`}
            </span>
          </p>
          <Json name="In" text={call.input} />
          <Json name="Out" text={call.output} />
        </li>
      ))}
    </ol>
  );
}

function Json({ name, text }: { name: string; text: string }) {
  if (text === "") return null;
  return (
    <p className="flex gap-2">
      <span className="w-6 shrink-0 text-ink-3">{name}</span>
      <code className="type-mono min-w-0 break-all">{text}</code>
    </p>
  );
}
