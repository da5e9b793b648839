"use client";

import {
  type CellData,
  type ColumnDef,
  createColumnHelper,
  type RowData,
  type TableFeatures,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { useRowKeys } from "@/components/data/use-row-keys";
import { TextLink } from "@/components/ui/text-link";
import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

/** Lists are sorted, filtered and paged by the server, so the table registers none of the row models. */
const features = tableFeatures({});
type Features = typeof features;

/** How a column is drawn. */
export interface ColumnLook {
  align?: "left" | "right" | undefined;
  /** A CSS width; without it the column takes what its content needs. Of a column that takes the rest: its least width. */
  width?: string | undefined;
  /** The most a column takes, as a CSS width: what is longer is cut, so that one long name does not push the others out. */
  most?: string | undefined;
  /** True for the column that takes the rest. */
  grow?: boolean | undefined;
  /** Hidden under 960 (`md`), 1280 (`lg`) or 1720 px (`xl`). */
  hideBelow?: "md" | "lg" | "xl" | undefined;
  /** The cell's bottom rule is its gauge: the table draws none there. */
  gauge?: boolean | undefined;
}

declare module "@tanstack/react-table" {
  // The parameters must be those of the declaration that this one extends.
  // oxlint-disable-next-line no-unused-vars
  interface ColumnMeta<
    TFeatures extends TableFeatures,
    TData extends RowData,
    TValue extends CellData = CellData,
  > extends ColumnLook {}
}

/** Columns of a table, made once at module scope or in a memo. */
export type Columns<Row extends RowData> = readonly ColumnDef<Features, Row, CellData>[];

/** The column helper for our tables: `const column = columnsFor<RunSummary>()`, then `column.columns([column.display({...})])`. */
export function columnsFor<Row extends RowData>() {
  return createColumnHelper<Features, Row>();
}

const DENSITIES = {
  compact: "h-5.75",
  dense: "h-7",
  comfortable: "h-9",
} as const;
export type Density = keyof typeof DENSITIES;

const HIDE = { md: "max-md:hidden", lg: "max-lg:hidden", xl: "max-xl:hidden" } as const;

export interface TableFooter {
  /** Rows on this page. */
  shown: number;
  /** Rows that match, or null when that is not known. */
  total: number | null;
  /** True when the total stopped at its cap. */
  capped?: boolean | undefined;
  nextHref?: string | null | undefined;
  /** Back to the first page, when this is not it. */
  firstHref?: string | null | undefined;
}

/**
 * The table of every list. Dense rows, text left, digits right; `j` and `k` move through the rows' links, Enter opens. A row becomes a link by a
 * `RowLink` in one of its cells.
 * @param name what the table holds, for readers
 * @param selectedId the row that is open beside the table
 */
export function DataTable<Row extends RowData>({
  name,
  columns,
  rows,
  rowId,
  selectedId,
  density = "dense",
  footer,
  empty,
  keys = true,
  className,
}: {
  name: string;
  columns: Columns<Row>;
  rows: readonly Row[];
  rowId: (row: Row) => string;
  selectedId?: string | null | undefined;
  density?: Density;
  footer?: TableFooter | undefined;
  /** What is shown in place of rows when there are none. */
  empty?: ReactNode | undefined;
  /** False where another table on the page has the keys. */
  keys?: boolean;
  className?: string | undefined;
}) {
  const body = useRowKeys<HTMLTableSectionElement>(keys);
  const table = useTable({
    features,
    columns: columns as ColumnDef<Features, Row, CellData>[],
    data: rows,
    getRowId: rowId,
  });

  return (
    <div className={className}>
      <div className="scroll-quiet overflow-x-auto">
        <table aria-label={name} className="w-full border-separate border-spacing-0">
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id}>
                {group.headers.map((header) => {
                  const look: ColumnLook = header.column.columnDef.meta ?? {};
                  return (
                    <th
                      key={header.id}
                      scope="col"
                      className={cn(
                        "type-small sticky top-0 z-10 h-6.5 border-b border-line-2 bg-surface px-2 font-normal whitespace-nowrap text-ink-3 first:pl-4 last:pr-4",
                        look.align === "right" ? "text-right" : "text-left",
                        look.grow === true && "w-full",
                        look.hideBelow && HIDE[look.hideBelow],
                      )}
                      style={
                        look.width === undefined
                          ? undefined
                          : look.grow === true
                            ? { minWidth: look.width }
                            : { width: look.width, minWidth: look.width }
                      }
                    >
                      {header.isPlaceholder ? null : <table.FlexRender header={header} />}
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody ref={body}>
            {table.getRowModel().rows.map((row) => {
              const selected = selectedId === row.id;
              return (
                <tr
                  key={row.id}
                  data-row
                  aria-current={selected ? "true" : undefined}
                  className={cn("relative", selected ? "bg-accent-tint" : "hover:bg-hover")}
                >
                  {row.getAllCells().map((cell) => {
                    const look: ColumnLook = cell.column.columnDef.meta ?? {};
                    return (
                      <td
                        key={cell.id}
                        className={cn(
                          "px-2 whitespace-nowrap first:pl-4 last:pr-4",
                          DENSITIES[density],
                          look.gauge === true
                            ? "pr-0 align-bottom last:pr-4"
                            : "border-b border-line",
                          look.align === "right" && "text-right",
                          look.grow === true && "max-w-0 truncate",
                          look.most !== undefined && "truncate",
                          look.hideBelow && HIDE[look.hideBelow],
                          selected && "first:shadow-[inset_2px_0_0_var(--accent)]",
                        )}
                        style={look.most === undefined ? undefined : { maxWidth: look.most }}
                      >
                        <table.FlexRender cell={cell} />
                      </td>
                    );
                  })}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && empty}
      {footer && rows.length > 0 && <Footer {...footer} />}
    </div>
  );
}

/** The link that makes its whole row a target. One a row. */
export function RowLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link {...rest} data-row-link className={cn("stretch-link font-medium text-ink", className)} />
  );
}

/** Lifts a control in a row above the row's own link. */
export function AboveRow({ children }: { children: ReactNode }) {
  return <span className="relative z-1">{children}</span>;
}

function Footer({ shown, total, capped = false, nextHref, firstHref }: TableFooter) {
  return (
    <div className="type-small flex min-h-8 items-center gap-4 px-4 text-ink-3 max-sm:min-h-11">
      <span>
        {total === null
          ? `${formatCount(shown)} shown`
          : `${formatCount(shown)} of ${formatCount(total)}${capped ? "+" : ""}`}
      </span>
      <span className="ml-auto flex gap-4">
        {firstHref && (
          <TextLink href={firstHref} scroll={false}>
            First page
          </TextLink>
        )}
        {nextHref && (
          <TextLink href={nextHref} rel="next" scroll={false}>
            Next page
          </TextLink>
        )}
      </span>
    </div>
  );
}
