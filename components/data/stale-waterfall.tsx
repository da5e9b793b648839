import { cn } from "@/lib/cn";
import { formatAge } from "@/lib/time";

export const STALE_STAGES = [
  "no new file",
  "file waiting",
  "queued",
  "loading",
  "validating",
  "publishing",
] as const;
export type StaleStage = (typeof STALE_STAGES)[number];

/**
 * Why a table is stale: its age split by where the time went. Always all six rows in the order of the pipeline, so that the eye learns the places; the
 * longest is the answer.
 * @param seconds for each stage, null when it has not been reached
 * @param reason said inside the longest bar
 */
export function StaleWaterfall({
  seconds,
  reason,
}: {
  seconds: Readonly<Record<StaleStage, number | null>>;
  reason?: string | undefined;
}) {
  const total = Math.max(
    1,
    STALE_STAGES.reduce((sum, stage) => sum + (seconds[stage] ?? 0), 0),
  );
  const longest = STALE_STAGES.reduce((best, stage) =>
    (seconds[stage] ?? 0) > (seconds[best] ?? 0) ? stage : best,
  );
  const before = (stage: StaleStage) =>
    STALE_STAGES.slice(0, STALE_STAGES.indexOf(stage)).reduce(
      (sum, earlier) => sum + (seconds[earlier] ?? 0),
      0,
    );
  return (
    <dl className="type-small px-4 pb-2">
      {STALE_STAGES.map((stage) => {
        const own = seconds[stage] ?? 0;
        const left = before(stage) / total;
        const worst = stage === longest && own > 0;
        return (
          <div key={stage} className="flex min-h-5.5 items-center">
            <dt className={cn("w-30 shrink-0", worst && "text-bad")}>{stage}</dt>
            <dd aria-hidden className="relative h-4 min-w-0 flex-1 border-b border-line">
              {own > 0 && (
                <span
                  data-bar
                  className={cn(
                    "type-micro @container absolute inset-y-px overflow-hidden",
                    worst ? "bg-bad-solid text-on-solid" : "bg-mark",
                  )}
                  style={{ left: `${left * 100}%`, width: `${(own / total) * 100}%` }}
                >
                  {worst && reason !== undefined && (
                    <span className="hidden h-full items-center pl-2 whitespace-nowrap @min-[140px]:flex">
                      {reason}
                    </span>
                  )}
                </span>
              )}
            </dd>
            <dd
              className={cn(
                "w-20 shrink-0 text-right",
                worst ? "font-medium text-bad" : "text-ink-3",
              )}
            >
              {seconds[stage] === null ? "not yet" : own === 0 ? "0m" : formatAge(own)}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
