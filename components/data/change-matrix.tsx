"use client";

import { cn } from "@/lib/cn";
import { formatCount } from "@/lib/format";

export const CHANGE_CELLS = ["none", "changed", "noise"] as const;
export type ChangeCell = (typeof CHANGE_CELLS)[number];

export interface ChangeRow {
  field: string;
  /** One for each version, in their order. */
  cells: readonly ChangeCell[];
}

/** Where the versions are too many for the width, the oldest are out of sight at first, not those that are compared. */
function showNewest(box: HTMLDivElement | null): void {
  if (box !== null) box.scrollLeft = box.scrollWidth;
}

/**
 * What changed when: field by version, a filled square where it changed, an open one for noise. The columns of A and B are tinted; a click on a version
 * moves handle B to it.
 */
export function ChangeMatrix({
  versions,
  rows,
  a,
  b,
  onPick,
  folded,
  onFold,
}: {
  /** Version numbers, oldest first. */
  versions: readonly number[];
  rows: readonly ChangeRow[];
  a: number;
  b: number;
  onPick: (version: number) => void;
  /** Fields whose changes alone make no version worth showing. */
  folded: readonly string[];
  onFold: (field: string) => void;
}) {
  const tint = (version: number) => (version === a || version === b ? "bg-accent-tint" : "");
  return (
    <div ref={showNewest} className="scroll-quiet overflow-x-auto">
      <table
        aria-label="What changed when"
        className="type-small w-full border-separate border-spacing-0"
      >
        <thead>
          <tr className="text-ink-3">
            <th
              scope="col"
              className="sticky left-0 z-1 h-6.5 border-b border-line-2 bg-surface pl-4 text-left font-normal"
            >
              <span className="sr-only">field</span>
            </th>
            {versions.map((version) => {
              const letter = version === a ? "A" : version === b ? "B" : null;
              return (
                <th
                  key={version}
                  scope="col"
                  className={cn("border-b border-line-2 p-0 font-normal", tint(version))}
                >
                  <button
                    type="button"
                    onClick={() => onPick(version)}
                    aria-label={`Move B to version ${version}${letter === null ? "" : `, now ${letter}`}`}
                    className={cn(
                      "focus-inset min-h-6.5 w-full min-w-9 px-1 hover:text-ink",
                      letter !== null && "font-semibold text-ink",
                    )}
                  >
                    {letter ?? `v${version}`}
                  </button>
                </th>
              );
            })}
            <th scope="col" className="border-b border-line-2 pr-4 pl-2 text-right font-normal">
              changes
            </th>
            <th scope="col" className="border-b border-line-2 pr-4 text-left font-normal">
              noise
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.field}>
              <th
                scope="row"
                className="type-mono sticky left-0 z-1 h-6.25 border-b border-line bg-surface pr-4 pl-4 text-left font-normal whitespace-nowrap text-ink-2"
              >
                {row.field}
              </th>
              {versions.map((version, index) => (
                <td
                  key={version}
                  className={cn("border-b border-line px-1 text-center", tint(version))}
                >
                  <Square cell={row.cells[index] ?? "none"} />
                </td>
              ))}
              <td className="border-b border-line pr-4 pl-2 text-right text-ink-3">
                {formatCount(row.cells.filter((cell) => cell !== "none").length)}
              </td>
              <td className="border-b border-line pr-4">
                <input
                  type="checkbox"
                  aria-label={`${row.field} is noise: fold versions that changed nothing else`}
                  title="Fold versions that changed nothing else"
                  checked={folded.includes(row.field)}
                  onChange={() => onFold(row.field)}
                  className="touch size-3.5 align-middle accent-accent-fill"
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Square({ cell }: { cell: ChangeCell }) {
  if (cell === "none") return null;
  return (
    <span
      data-bar
      className={cn(
        "inline-block size-2.75 align-middle",
        cell === "changed" ? "bg-ink-2" : "border border-mark",
      )}
    >
      <span className="sr-only">{cell === "changed" ? "changed" : "noise"}</span>
    </span>
  );
}
