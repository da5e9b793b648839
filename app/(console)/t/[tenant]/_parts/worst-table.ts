import type { TableStanding } from "@/lib/contracts/fleet";
import { FRESHNESS } from "@/lib/status";

/** How far a table is past its target, blocked before late, what was never loaded last. */
function badness(table: TableStanding): number {
  const ratio = (table.ageSeconds ?? 0) / Math.max(60, table.targetMinutes * 60);
  const state = FRESHNESS.indexOf(table.state) * 1_000_000 + Math.min(ratio, 999_999);
  // What failed last comes before what is merely old.
  const run = table.lastRun?.status;
  return (
    state +
    (run === "failed" || run === "unbalanced" ? 10_000_000 : run === "partial" ? 500_000 : 0)
  );
}

/** Tables worst first; equal ones as they come. */
export function worstFirst(tables: readonly TableStanding[]): TableStanding[] {
  return tables.toSorted((a, b) => badness(b) - badness(a));
}
