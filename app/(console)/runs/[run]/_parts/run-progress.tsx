import { ProgressBand } from "@/components/data/progress-band";
import type { RunReply } from "@/lib/contracts/runs";
import { formatPercent, formatRate, formatShort } from "@/lib/format";
import { isOpenRun } from "@/lib/status";
import {
  formatClockSeconds,
  formatDay,
  formatDuration,
  formatMoment,
  toMs,
  zoneName,
} from "@/lib/time";
import { shareDone } from "@/app/(console)/_parts/run-words";

/** How far the run is: share of rows as the hero figure, beside it the time it has taken and the band in which runs like it end. */
export function RunProgress({ reply, timeZone }: { reply: RunReply; timeZone: string }) {
  const { run, estimate, asOf } = reply;
  if (run.startedAt === null)
    return (
      <Frame>
        <p className="text-ink-2">
          Queued {formatMoment(run.createdAt, timeZone)}. A worker takes it up when one is free.
        </p>
      </Frame>
    );
  const elapsed = (toMs(run.finishedAt ?? asOf) - toMs(run.startedAt)) / 1000;
  if (!isOpenRun(run.status))
    return (
      <Frame>
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="type-hero">{formatShort(run.ledger.read)}</span>
          <span className="type-prose text-ink-2">rows read in {formatDuration(elapsed)}</span>
          <span className="type-small text-ink-3">
            {fromTo(run.startedAt, run.finishedAt, timeZone)}
            {elapsed > 0 && run.ledger.read > 0 ? `, ${formatRate(run.ledger.read / elapsed)}` : ""}
          </span>
        </p>
      </Frame>
    );
  if (run.status === "waiting_approval")
    return (
      <Frame>
        <p className="flex flex-wrap items-baseline gap-x-3">
          <span className="type-hero">{formatShort(run.rowsDone)}</span>
          <span className="type-prose text-ink-2">
            rows staged and merged; nothing is published until somebody applies the plan
          </span>
        </p>
      </Frame>
    );
  const share = shareDone(run.rowsDone, run.rowsTotal);
  return (
    <Frame>
      <div className="flex items-end gap-x-9 gap-y-2 max-sm:flex-col max-sm:items-stretch">
        <div className="shrink-0 sm:w-59">
          <p className="flex items-baseline gap-2">
            <span className="type-hero">
              {share === null ? "–" : formatPercent(Math.floor(share * 100) / 100)}
            </span>
            <span className="type-prose text-ink-2">
              {share === null
                ? "counting what there is to do"
                : `${formatShort(run.rowsDone)} of about ${formatShort(run.rowsTotal)} rows`}
            </span>
          </p>
          <p className="type-small text-ink-3">
            {run.rowsPerSecond > 0 ? `${formatRate(run.rowsPerSecond)}, ` : ""}running{" "}
            {formatDuration(elapsed)}
          </p>
        </div>
        <div className="min-w-0 flex-1">
          <ProgressBand
            startedMs={toMs(run.startedAt)}
            nowMs={toMs(asOf)}
            p50Seconds={estimate?.p50Seconds ?? null}
            p90Seconds={estimate?.p90Seconds ?? null}
            pastRuns={reply.pastRuns}
            timeZone={timeZone}
            {...(estimate !== null && estimate.slowerThanPercent >= 50
              ? {
                  warning: `Slower than ${formatPercent(estimate.slowerThanPercent / 100)} of them.`,
                }
              : {})}
          />
        </div>
      </div>
    </Frame>
  );
}

/** `23 Nov 05:15:17 to 05:15:35, Berlin time`; the second day is named where it is another. */
function fromTo(startedAt: string, finishedAt: string | null, timeZone: string): string {
  const day = formatDay(startedAt, timeZone);
  const from = `${day} ${formatClockSeconds(startedAt, timeZone)}`;
  const zone = `${zoneName(timeZone)} time`;
  if (finishedAt === null) return `${from}, ${zone}`;
  const lastDay = formatDay(finishedAt, timeZone);
  const until = formatClockSeconds(finishedAt, timeZone);
  return `${from} to ${lastDay === day ? "" : `${lastDay} `}${until}, ${zone}`;
}

function Frame({ children }: { children: React.ReactNode }) {
  return (
    <section aria-label="Progress" className="border-b border-line-2 px-4 py-2">
      {children}
    </section>
  );
}
