import type { PlanFigures } from "@/lib/contracts/plans";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";
import { formatDuration } from "@/lib/time";

/** A line of the table: a plan, or the one that it replaced. */
export interface PlanLine {
  readonly key: string;
  readonly name: string;
  readonly figures: PlanFigures;
  /** Of a plan that was replaced. */
  readonly isFormer: boolean;
}

const COLUMNS: readonly {
  readonly name: string;
  readonly value: (figures: PlanFigures) => string;
  /** Written in weight where it is more than nothing. */
  readonly counts?: (figures: PlanFigures) => number;
}[] = [
  { name: "Objects", value: ({ objects }) => formatCount(objects) },
  { name: "Rows", value: ({ ledger }) => formatCount(ledger.read) },
  {
    name: "Rejected",
    value: ({ ledger }) => formatCount(ledger.rejected),
    counts: ({ ledger }) => ledger.rejected,
  },
  { name: "Opened", value: ({ versionsOpened }) => formatCount(versionsOpened) },
  { name: "Closed", value: ({ versionsClosed }) => formatCount(versionsClosed) },
  { name: "Altered", value: ({ versionsAltered }) => formatCount(versionsAltered) },
  {
    name: "Removed",
    value: ({ versionsRemoved }) => formatCount(versionsRemoved),
    counts: ({ versionsRemoved }) => versionsRemoved,
  },
  {
    name: "Deleted",
    value: ({ deletions }) => formatCount(deletions),
    counts: ({ deletions }) => deletions,
  },
  {
    name: "Publishes in",
    value: ({ expectedSeconds }) =>
      expectedSeconds === null ? "not known" : `about ${formatDuration(expectedSeconds)}`,
  },
];

/** What each table's plan would do, in figures: objects, rows, versions opened and closed, records deleted, time expected. */
export function PlanTable({ lines }: { lines: readonly PlanLine[] }) {
  return (
    // A box that scrolls must be reachable by keyboard even when it holds no control.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div
      className="focus-inset scroll-quiet overflow-x-auto"
      tabIndex={0}
      role="group"
      aria-label="Plan by table"
    >
      <table
        aria-label="Plan by table"
        className="type-base w-full border-separate border-spacing-0"
      >
        <thead className="type-small text-ink-3">
          <tr>
            <th
              scope="col"
              className="h-6.5 border-b border-line-2 px-2 pl-4 text-left font-normal"
            >
              Table
            </th>
            {COLUMNS.map(({ name }) => (
              <th
                key={name}
                scope="col"
                className="border-b border-line-2 px-2 text-right font-normal whitespace-nowrap last:pr-4"
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.key} className={cn(line.isFormer && "text-ink-3")}>
              <th
                scope="row"
                className="h-7 border-b border-line px-2 pl-4 text-left font-medium whitespace-nowrap"
              >
                {line.name}
              </th>
              {COLUMNS.map(({ name, value, counts }) => (
                <td
                  key={name}
                  className={cn(
                    "border-b border-line px-2 text-right whitespace-nowrap tabular-nums last:pr-4",
                    !line.isFormer && (counts?.(line.figures) ?? 0) > 0 && "font-medium text-bad",
                  )}
                >
                  {value(line.figures)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
