import {
  isFinal,
  type Ledger,
  type LedgerColumn,
  type LedgerTable,
  prepareLedger,
} from "@/components/data/prepare-ledger";
import { Icon } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import { formatCount, formatPercent, formatShare } from "@/lib/format";
import { LEDGER_MEANINGS, LEDGER_PARTS, type LedgerPart } from "@/lib/status";

const PART_FILL: Record<LedgerPart | "missing", string> = {
  new: "bg-accent-fill",
  changed: "bg-accent-mark",
  deleted: "bg-ink-2",
  unchanged: "bg-mark",
  duplicate: "hatch hatch-mark",
  rejected: "bg-bad-solid",
  missing: "hatch hatch-bad border border-bad-solid",
};

/**
 * The row ledger: what was read, against what became of it. Two bars of equal length between two brackets, and below the same as a table, ruled
 * like accounts. A difference is the missing length, hatched.
 * @param held what follows from a difference: `publish held`
 */
export function RowLedger({
  tables,
  held = "publish held",
  className,
}: {
  tables: readonly LedgerTable[];
  held?: string;
  className?: string | undefined;
}) {
  const ledger = prepareLedger(tables);
  return (
    <div className={className}>
      <LedgerBars ledger={ledger} held={held} className="px-4" />
      <LedgerTableView ledger={ledger} />
    </div>
  );
}

/** The fact for the section head: "balances", "balances so far", what was not published, or the difference. */
export function LedgerVerdict({ tables }: { tables: readonly LedgerTable[] }) {
  const { verdict, total } = prepareLedger(tables);
  switch (verdict) {
    case "balances":
      return (
        <span className="type-small flex items-center gap-1 text-good">
          <Icon name="equal" size={12} />
          balances
        </span>
      );
    case "so-far":
      return (
        <span
          className={cn(
            "type-small flex items-center gap-1",
            total.difference === 0 ? "text-good" : "text-ink-3",
          )}
        >
          {total.difference === 0 ? <Icon name="equal" size={12} /> : null}
          {total.difference === 0
            ? "balances so far"
            : `${formatCount(total.difference)} not yet accounted`}
        </span>
      );
    case "stopped":
      return (
        <span className="type-small text-ink-3">
          {total.difference === 0
            ? "balances, of what was published"
            : `${formatCount(total.difference)} not published`}
        </span>
      );
    case "unbalanced":
      return (
        <span className="type-small flex items-center gap-1 font-semibold text-bad">
          <Icon name="scale" size={12} />
          {total.difference === 0
            ? "a table does not balance"
            : `difference ${formatCount(total.difference)}`}
        </span>
      );
    case "empty":
      return <span className="type-small text-ink-3">nothing read</span>;
  }
}

/** The two bars alone. */
export function LedgerBars({
  ledger,
  held,
  className,
}: {
  ledger: Ledger;
  held: string;
  className?: string | undefined;
}) {
  const { total, segments, verdict } = ledger;
  const difference = total.difference !== 0 && verdict === "unbalanced";
  return (
    <figure
      className={className}
      aria-label={`Read ${formatCount(total.counts.read)}, accounted ${formatCount(total.accounted)}`}
    >
      <div className="type-micro flex justify-between pb-1 text-ink-3">
        <span className="font-medium text-ink">read {formatCount(total.counts.read)}</span>
        <span>accounted {formatCount(total.accounted)}</span>
      </div>
      <div className="border-x border-ink">
        <div data-bar className={cn("h-1.75", total.counts.read === 0 ? "bg-track" : "bg-ink-2")} />
        <div data-bar className="mt-1 flex h-5 gap-px">
          {total.counts.read === 0 && <span className="w-full bg-track" />}
          {segments.map((segment) => (
            <span
              key={segment.part}
              title={`${segment.part} ${formatCount(segment.rows)}`}
              className={cn(
                "min-w-0.75",
                segment.part === "missing" && "min-w-3",
                PART_FILL[segment.part],
              )}
              style={{ flex: `${segment.share} 1 0%` }}
            />
          ))}
        </div>
      </div>
      <div aria-hidden className="type-micro mt-0.5 flex gap-px text-ink-3">
        {segments.map((segment) => (
          <span
            key={segment.part}
            className="@container min-w-0.75 whitespace-nowrap"
            style={{ flex: `${segment.share} 1 0%` }}
          >
            <span className="hidden @min-[60px]:inline">
              {segment.part} {formatPercent(segment.share)}
            </span>
          </span>
        ))}
      </div>
      {difference && (
        <p className="type-micro text-right font-semibold text-bad">
          difference {formatCount(total.difference)}, {held}
        </p>
      )}
    </figure>
  );
}

function LedgerTableView({ ledger }: { ledger: Ledger }) {
  const { columns, total } = ledger;
  const many = columns.length > 1;
  const cell = "h-5.75 px-2 text-right whitespace-nowrap";
  const name = "h-5.75 pl-4 pr-2 text-left font-normal whitespace-nowrap";
  const broken = columns.some((column) => isFinal(column) && column.difference !== 0);
  return (
    <div className="scroll-quiet mt-1 overflow-x-auto">
      <table aria-label="Row ledger" className="type-small w-full border-separate border-spacing-0">
        <thead>
          <tr className="text-ink-3">
            <th scope="col" className="h-6.5 border-b border-line-2 pl-4 text-left font-normal">
              <span className="sr-only">part</span>
            </th>
            {many &&
              columns.map((column) => (
                <th
                  key={column.name}
                  scope="col"
                  className="border-b border-line-2 px-2 text-right font-normal max-sm:hidden"
                >
                  {column.name}
                </th>
              ))}
            <th
              scope="col"
              className="border-b border-line-2 px-2 pr-4 text-right font-normal max-sm:pr-2"
            >
              {many ? "total" : (columns[0]?.name ?? "total")}
            </th>
            <th
              scope="col"
              className="border-b border-line-2 pr-4 pl-2 text-right font-normal sm:hidden"
            >
              share
            </th>
          </tr>
        </thead>
        <tbody>
          {LEDGER_PARTS.map((part) => {
            const loud = part === "rejected";
            return (
              <tr key={part} title={LEDGER_MEANINGS[part]}>
                <th
                  scope="row"
                  className={cn(
                    name,
                    "border-b border-line",
                    loud && total.counts[part] > 0 && "text-bad",
                  )}
                >
                  <span
                    aria-hidden
                    data-bar
                    className={cn(
                      "mr-2 inline-block size-2.5",
                      PART_FILL[part],
                      part === "duplicate" && "hatch-fine",
                    )}
                  />
                  {part}
                </th>
                {many &&
                  columns.map((column) => (
                    <td
                      key={column.name}
                      className={cn(
                        cell,
                        "border-b border-line max-sm:hidden",
                        loud && column.counts[part] > 0 && "text-bad",
                      )}
                    >
                      {formatCount(column.counts[part])}
                    </td>
                  ))}
                <td
                  className={cn(
                    cell,
                    "border-b border-line pr-4 font-semibold max-sm:pr-2",
                    loud && total.counts[part] > 0 && "text-bad",
                  )}
                >
                  {formatCount(total.counts[part])}
                </td>
                <td className={cn(cell, "border-b border-line pr-4 text-ink-3 sm:hidden")}>
                  {total.counts.read === 0
                    ? ""
                    : formatShare(total.counts[part] / total.counts.read)}
                </td>
              </tr>
            );
          })}
          <tr className="font-semibold">
            <th scope="row" className={cn(name, "font-semibold")}>
              accounted
            </th>
            {many &&
              columns.map((column) => (
                <td key={column.name} className={cn(cell, "max-sm:hidden")}>
                  <span className="border-t border-ink">{formatCount(column.accounted)}</span>
                </td>
              ))}
            <td className={cn(cell, "pr-4 max-sm:pr-2")}>
              <span className="border-t border-ink">{formatCount(total.accounted)}</span>
            </td>
            <td className="sm:hidden" />
          </tr>
          <tr className="font-semibold">
            <th scope="row" className={cn(name, "font-semibold")}>
              read
            </th>
            {many &&
              columns.map((column) => (
                <td key={column.name} className={cn(cell, "max-sm:hidden")}>
                  <span className="double-rule">{formatCount(column.counts.read)}</span>
                </td>
              ))}
            <td className={cn(cell, "pr-4 max-sm:pr-2")}>
              <span className="double-rule">{formatCount(total.counts.read)}</span>
            </td>
            <td className={cn(cell, "pr-4 sm:hidden")}>
              <Difference column={total} broken={broken} equal />
            </td>
          </tr>
          <tr className="max-sm:hidden">
            <th scope="row" className={cn(name, broken ? "font-semibold text-bad" : "text-ink-3")}>
              difference
            </th>
            {many &&
              columns.map((column) => (
                <td key={column.name} className={cell}>
                  <Difference column={column} broken={isFinal(column) && column.difference !== 0} />
                </td>
              ))}
            <td className={cn(cell, "pr-4")}>
              <Difference column={total} broken={broken} equal />
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}

function Difference({
  column,
  broken,
  equal = false,
}: {
  column: LedgerColumn;
  broken: boolean;
  equal?: boolean;
}) {
  if (broken)
    return <span className="font-semibold text-bad">{formatCount(column.difference)}</span>;
  if (column.open)
    return <span className="font-normal text-ink-3">{formatCount(column.difference)} so far</span>;
  if (column.stopped && !(equal && column.difference === 0))
    return (
      <span className="font-normal text-ink-3" title="ended before all of it was published">
        {column.counts.read === 0 ? "–" : `${formatCount(column.difference)} held`}
      </span>
    );
  return (
    <span className={cn("inline-flex items-center gap-1 text-good", equal && "font-semibold")}>
      {equal && <Icon name="equal" size={12} />}
      {formatCount(column.difference)}
    </span>
  );
}
