import Link from "next/link";
import { ShareBar } from "@/components/data/share-bar";
import { RunStateWord } from "@/components/data/state-word";
import type { Estimate, RunSummary } from "@/lib/contracts/runs";
import { formatPercent, formatShort } from "@/lib/format";
import { formatClock, toMs } from "@/lib/time";
import { modeWord, runDetail, shareDone, tablesWord } from "./run-words";

/** When a run should end, in words: `ETA 03:31–03:42`, or that there is no estimate. */
export function etaWord(
  startedAt: string | null,
  estimate: Estimate | null,
  asOf: string,
  timeZone: string,
): string {
  if (estimate === null || startedAt === null) return "no estimate";
  const started = toMs(startedAt);
  const from = Math.max(started + estimate.p50Seconds * 1000, toMs(asOf));
  const to = started + estimate.p90Seconds * 1000;
  if (to <= toMs(asOf)) return "later than usual";
  const [first, second] = [formatClock(from, timeZone), formatClock(to, timeZone)];
  return first === second ? `ETA ${first}` : `ETA ${first}–${second}`;
}

/** A run that is not over, as two lines that are one link. */
export function RunInFlightLine({
  run,
  estimate,
  asOf,
  timeZone,
}: {
  run: RunSummary;
  estimate: Estimate | null;
  asOf: string;
  timeZone: string;
}) {
  const share = shareDone(run.rowsDone, run.rowsTotal);
  return (
    <li data-row className="relative border-b border-line px-4 py-1.5 hover:bg-hover">
      <div className="flex items-baseline gap-2">
        <Link
          href={`/runs/${encodeURIComponent(run.runId)}`}
          data-row-link
          className="stretch-link min-w-0 truncate font-medium text-ink"
        >
          {run.tenantName}
        </Link>
        <span className="type-small min-w-0 truncate text-ink-3">
          {modeWord(run.mode)}, {tablesWord(run.tables)}
        </span>
        <RunStateWord
          state={run.status}
          detail={runDetail({ ...run, asOf })}
          className="ml-auto pl-2"
        />
      </div>
      <div className="type-small flex items-center gap-2 text-ink-3">
        {share === null ? (
          <span>
            {run.startedAt === null ? "waits for a worker" : "counting what there is to do"}
          </span>
        ) : (
          <>
            <ShareBar
              share={share}
              state={run.status}
              label={`${run.tenantName}, share of rows`}
              figure={false}
              className="w-24"
            />
            <span className="font-medium text-ink">
              {formatPercent(Math.floor(share * 100) / 100)}
            </span>
            <span>
              {formatShort(run.rowsDone)} of {formatShort(run.rowsTotal)}
            </span>
          </>
        )}
        <span className="ml-auto pl-2 whitespace-nowrap">
          {run.startedAt === null ? "" : etaWord(run.startedAt, estimate, asOf, timeZone)}
        </span>
      </div>
    </li>
  );
}
