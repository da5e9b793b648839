"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useRead } from "@/app/(console)/_read/use-read";
import { RunsTable } from "@/app/(console)/runs/_parts/runs-table";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import { runsContract } from "@/lib/contracts/runs";
import type { CappedCount } from "@/lib/contracts/values";
import { formatCount } from "@/lib/format";
import { RECENT_RUNS } from "./recent-count";

/** The tenant's newest runs. */
export function RecentRuns({
  tenantId,
  all,
  timeZone,
}: {
  tenantId: string;
  all: CappedCount;
  timeZone: string;
}) {
  const query = useRead(
    runsContract,
    { tenant: [tenantId], limit: RECENT_RUNS },
    { topics: [`tenant:${tenantId}`, "runs"] },
  );
  return (
    <section aria-label="Recent runs">
      <SectionHead
        name="Recent runs"
        rule="new"
        actions={
          <TextLink href={`/runs?tenant=${encodeURIComponent(tenantId)}`}>
            All {formatCount(all.count)}
            {all.capped ? "+" : ""}
          </TextLink>
        }
      />
      <ReadBody query={query} what="Recent runs" timeZone={timeZone} skeletonRows={4}>
        {(data) =>
          data.rows.length === 0 ? (
            <p className="border-t border-line px-4 py-2 text-ink-3">No run yet.</p>
          ) : (
            <RunsTable
              tenant
              keys={false}
              rows={data.rows.map((run) => ({ ...run, asOf: data.asOf, timeZone }))}
            />
          )
        }
      </ReadBody>
    </section>
  );
}
