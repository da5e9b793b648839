import { Icon } from "@/components/ui/icon";
import type { ScheduleStanding } from "@/lib/contracts/tenant-settings";
import { formatBytes, plural } from "@/lib/format";
import { formatAge, formatIsoUtc, formatNear, toMs } from "@/lib/time";

/** The schedule in the facts below a tenant's name: how often, when next, when last looked, what waits. */
export function ScheduleFacts({
  schedule,
  asOf,
  timeZone,
}: {
  schedule: ScheduleStanding;
  asOf: string;
  timeZone: string;
}) {
  const { paused, nextAt, checkedAt, waitingObjects, waitingBytes, oldestWaitingAt } = schedule;
  return (
    <>
      {paused ? (
        <span className="inline-flex items-center gap-1 text-warn">
          <Icon name="pause" />
          paused
        </span>
      ) : (
        <span>
          {schedule.schedule}
          {nextAt !== null && (
            <span title={formatIsoUtc(nextAt)}>
              {toMs(nextAt) <= toMs(asOf)
                ? ", due now"
                : `, next ${formatNear(nextAt, asOf, timeZone)}`}
            </span>
          )}
        </span>
      )}
      {checkedAt !== null && (
        <span title={formatIsoUtc(checkedAt)}>checked {formatNear(checkedAt, asOf, timeZone)}</span>
      )}
      {waitingObjects > 0 && (
        <span className="text-ink-2">
          {plural(waitingObjects, "object")} waiting, {formatBytes(waitingBytes)}
          {oldestWaitingAt !== null &&
            `, the oldest ${formatAge((toMs(asOf) - toMs(oldestWaitingAt)) / 1000)}`}
        </span>
      )}
    </>
  );
}
