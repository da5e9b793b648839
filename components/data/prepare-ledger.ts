import { LEDGER_PARTS, type LedgerPart } from "@/lib/status";

/** Rows of one table or of a whole run, by what became of them. */
export type LedgerCounts = Readonly<Record<LedgerPart | "read", number>>;

export interface LedgerTable {
  name: string;
  counts: LedgerCounts;
  /** True while the table is still being worked on: a difference is then not yet one. */
  open: boolean;
  /** True where it ended before all of it was published: what is counted is what was, and a difference is what was not. */
  stopped?: boolean | undefined;
}

export interface LedgerColumn {
  name: string;
  counts: LedgerCounts;
  open: boolean;
  stopped: boolean;
  accounted: number;
  /** read − accounted: rows that are missing, or too many when negative. */
  difference: number;
}

export interface LedgerSegment {
  part: LedgerPart | "missing";
  rows: number;
  share: number;
}

export interface Ledger {
  columns: readonly LedgerColumn[];
  total: LedgerColumn;
  /** The lower bar, left to right; parts of nothing are left out. */
  segments: readonly LedgerSegment[];
  verdict: "balances" | "so-far" | "stopped" | "unbalanced" | "empty";
}

const NOTHING: LedgerCounts = {
  read: 0,
  new: 0,
  changed: 0,
  deleted: 0,
  unchanged: 0,
  duplicate: 0,
  rejected: 0,
};

function columnOf(
  name: string,
  counts: LedgerCounts,
  open: boolean,
  stopped: boolean,
): LedgerColumn {
  const accounted = LEDGER_PARTS.reduce((sum, part) => sum + counts[part], 0);
  return { name, counts, open, stopped, accounted, difference: counts.read - accounted };
}

/** The ledger of a run from its tables: totals, what is accounted for, the difference, and the parts of the bar. */
export function prepareLedger(tables: readonly LedgerTable[]): Ledger {
  const columns = tables.map((table) =>
    columnOf(table.name, table.counts, table.open, table.stopped === true),
  );
  const sums = columns.reduce<LedgerCounts>(
    (sum, column) => ({
      read: sum.read + column.counts.read,
      new: sum.new + column.counts.new,
      changed: sum.changed + column.counts.changed,
      deleted: sum.deleted + column.counts.deleted,
      unchanged: sum.unchanged + column.counts.unchanged,
      duplicate: sum.duplicate + column.counts.duplicate,
      rejected: sum.rejected + column.counts.rejected,
    }),
    NOTHING,
  );
  const total = columnOf(
    "total",
    sums,
    columns.some((column) => column.open),
    columns.some((column) => column.stopped),
  );
  const length = Math.max(total.counts.read, total.accounted);
  const parts: LedgerSegment[] = LEDGER_PARTS.map((part) => ({
    part,
    rows: sums[part],
    share: length === 0 ? 0 : sums[part] / length,
  }));
  if (total.difference > 0)
    parts.push({ part: "missing", rows: total.difference, share: total.difference / length });
  return {
    columns,
    total,
    segments: parts.filter((segment) => segment.rows > 0),
    verdict: verdictOf(columns, total),
  };
}

/** Whether a difference of this table is a fault: nothing is to come, and nothing was held back. */
export function isFinal(column: LedgerColumn): boolean {
  return !column.open && !column.stopped;
}

function verdictOf(columns: readonly LedgerColumn[], total: LedgerColumn): Ledger["verdict"] {
  // A surplus in one table must not cancel a gap in another.
  if (columns.some((column) => isFinal(column) && column.difference !== 0)) return "unbalanced";
  if (total.open) return "so-far";
  if (total.stopped) return "stopped";
  return total.counts.read === 0 ? "empty" : "balances";
}
