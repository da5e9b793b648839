"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useRead } from "@/app/(console)/_read/use-read";
import { prepareThroughput } from "@/components/charts/prepare-throughput";
import { ThroughputChart } from "@/components/charts/throughput-chart";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import {
  THROUGHPUT_WINDOWS,
  throughputContract,
  type ThroughputReply,
  type ThroughputWindow,
} from "@/lib/contracts/throughput";
import { formatPercent, formatShort } from "@/lib/format";
import { spellDuration } from "@/lib/time";

const WINDOW_WORDS: Record<ThroughputWindow, string> = { "6h": "6 h", "24h": "24 h", "7d": "7 d" };

/** Rows a second over time with rejects below, all tenants. */
export function ThroughputSection({
  window,
  onWindow,
  timeZone,
}: {
  window: ThroughputWindow;
  onWindow: (window: ThroughputWindow) => void;
  timeZone: string;
}) {
  const query = useRead(throughputContract, { window }, { topics: ["runs"] });
  return (
    <section aria-label="Throughput">
      <SectionHead
        name="Throughput"
        fact={
          query.data === undefined ? "rows/s" : `rows/s, ${spellDuration(query.data.bucketSeconds)}`
        }
        rule="none"
        className="py-1"
        actions={
          <FilterRow label="Window">
            {THROUGHPUT_WINDOWS.map((one) => (
              <FilterChip key={one} on={one === window} onToggle={() => onWindow(one)}>
                {WINDOW_WORDS[one]}
              </FilterChip>
            ))}
          </FilterRow>
        }
      />
      <ReadBody query={query} what="Throughput" timeZone={timeZone} skeletonRows={5}>
        {(data) => <Drawn data={data} timeZone={timeZone} />}
      </ReadBody>
    </section>
  );
}

function Drawn({ data, timeZone }: { data: ThroughputReply; timeZone: string }) {
  const model = prepareThroughput(data.buckets, data.bucketSeconds, timeZone);
  if (model.latest === null)
    return (
      <p className="px-4 pb-3 text-ink-3">
        No run was at work in the last {WINDOW_WORDS[data.window]}.
      </p>
    );
  return (
    <>
      <p className="flex flex-wrap items-baseline gap-x-5 px-4 pb-1">
        <span>
          <span className="type-figure">{formatShort(model.latest.rate)}</span>{" "}
          <span className="text-ink-2">
            rows/s {data.buckets.at(-1)?.rowsPerSecond === null ? "when last at work" : "now"}
          </span>
        </span>
        <span className={model.latest.rejected > model.usualRejected + 1 ? "text-bad" : undefined}>
          <span className="type-figure">{formatPercent(model.latest.rejected / 100)}</span>{" "}
          <span className="text-ink-2">
            rejected, usual {formatPercent(model.usualRejected / 100)}
          </span>
        </span>
      </p>
      <ThroughputChart
        model={model}
        timeZone={timeZone}
        link={data.rejected > 0 ? <TextLink href="/dlq">Dead letters</TextLink> : undefined}
      />
    </>
  );
}
