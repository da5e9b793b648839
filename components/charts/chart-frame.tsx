"use client";

import { type ReactNode, useState } from "react";
import { useShortcut } from "@/components/shell/shortcuts";
import { cn } from "@/lib/cn";

export interface TwinColumn {
  key: string;
  label: string;
  align?: "left" | "right";
}

export interface ChartTwin {
  columns: readonly TwinColumn[];
  rows: readonly Readonly<Record<string, string>>[];
}

/**
 * A chart with its sentence and its table. The table shows the same figures; `t` or the button at the end of the sentence changes over. The chart
 * itself is a picture to a reader, named by the sentence.
 * @param sentence what the chart proves, with a link to the cause where there is one
 */
export function ChartFrame({
  name,
  sentence,
  twin,
  children,
  keys = true,
}: {
  name: string;
  sentence: ReactNode;
  twin: ChartTwin;
  children: ReactNode;
  /** False where another chart on the page has the `t` key. */
  keys?: boolean;
}) {
  const [asTable, setAsTable] = useState(false);
  const toggle = () => setAsTable(!asTable);
  useShortcut({ keys: "t", label: "Chart or table", group: "On this page" }, toggle, keys);
  return (
    <figure className="px-4 pb-2">
      {asTable ? <TwinTable name={name} twin={twin} /> : children}
      <figcaption className="type-small flex items-baseline gap-3 pt-1 text-ink-2">
        <span className="min-w-0">{sentence}</span>
        <button
          type="button"
          aria-pressed={asTable}
          onClick={toggle}
          title={keys ? "t" : undefined}
          className="touch ml-auto shrink-0 font-medium text-accent underline-offset-2 hover:underline"
        >
          {asTable ? "Chart" : "Table"}
        </button>
      </figcaption>
    </figure>
  );
}

function TwinTable({ name, twin }: { name: string; twin: ChartTwin }) {
  return (
    <div
      role="region"
      aria-label={`${name}, as a table`}
      // A region that scrolls must be reachable by keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      className="focus-inset scroll-quiet max-h-60 overflow-y-auto border-y border-line"
    >
      <table aria-label={name} className="type-small w-full border-separate border-spacing-0">
        <thead>
          <tr>
            {twin.columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cn(
                  "sticky top-0 h-6.5 border-b border-line-2 bg-surface pr-2 font-normal text-ink-3",
                  column.align === "right" ? "text-right" : "text-left",
                )}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {twin.rows.map((row) => (
            <tr key={twin.columns.map((column) => row[column.key]).join(" ")}>
              {twin.columns.map((column) => (
                <td
                  key={column.key}
                  className={cn(
                    "h-5.75 border-b border-line pr-2",
                    column.align === "right" && "text-right",
                  )}
                >
                  {row[column.key]}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
