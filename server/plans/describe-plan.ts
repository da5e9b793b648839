import { z } from "zod";

import type { PlanFigures } from "@/lib/contracts/plans";
import { zCount } from "@/server/clickhouse/columns";
import type { PreparedBatch } from "@/server/scd2/prepared-batch";
import { type TableWork, stagingTables } from "@/server/scd2/table-work";

import { expectedSeconds } from "./expected-seconds";
import { sampleDiffs } from "./plan-diffs";
import { countVersions } from "./plan-figures";

const REJECTS_SHOWN = 20;

/** What publishing a prepared batch would do, read from its staging tables and the history as it is. */
export async function describePlan(work: TableWork, prepared: PreparedBatch): Promise<PlanFigures> {
  const started = performance.now();
  const { mode } = prepared;
  const [sums, rejects, diffs, expected] = await Promise.all([
    countVersions(work, mode),
    rejectsOf(work),
    sampleDiffs(work, mode),
    expectedSeconds(work, mode),
  ]);
  const currentBefore = prepared.before?.current ?? 0;
  return {
    objects: prepared.staged.length,
    bytes: prepared.staged.reduce((sum, object) => sum + object.bytes, 0),
    deadObjects: prepared.dead.length,
    extracts: prepared.countedExtracts.map((at) => new Date(at).toISOString()),
    ledger: prepared.counts,
    ...sums,
    currentBefore,
    currentAfter: prepared.size.current,
    rejects,
    diffs,
    planSeconds: prepared.seconds + (performance.now() - started) / 1000,
    expectedSeconds: expected,
  };
}

async function rejectsOf(
  work: TableWork,
): Promise<{ rule: string; field: string; rows: number }[]> {
  return work.db.rows(
    {
      name: "plans.rejects",
      signal: work.signal,
      sql: `SELECT error.rule AS rule, error.field AS field, count() AS rows
FROM ${stagingTables(work).stage} ARRAY JOIN errors AS error
WHERE kind = 'rejected'
GROUP BY rule, field
ORDER BY rows DESC, rule, field
LIMIT ${REJECTS_SHOWN}`,
    },
    z.object({ rule: z.string(), field: z.string(), rows: zCount }),
  );
}
