import { SampleRows } from "@/app/(console)/_parts/sample-rows";
import { groupBy } from "@/lib/group-by";
import type { ValidationResult } from "@/lib/contracts/runs";
import { formatCount, formatPercent } from "@/lib/format";
import { cn } from "@/lib/cn";
import { tableNames } from "@/lib/catalog";

/** Rejected rows per field and rule, a column a table. Only a broken limit is red; rejects below it are ink. */
export function ValidationMatrix({
  results,
  limitPercent,
  limitBroken,
}: {
  results: readonly ValidationResult[];
  limitPercent: number;
  /** Tables whose newest run rejected more than the limit, with the share. */
  limitBroken: ReadonlyMap<string, number>;
}) {
  const tables = tableNames.filter((name) => results.some((result) => result.tableName === name));
  const lines = [
    ...groupBy(results, (result) => `${result.field}\u0000${result.rule}`).values(),
  ].toSorted((a, b) => sum(b) - sum(a) || name(a).localeCompare(name(b)));
  const failing = results.filter((result) => result.failed > 0 && result.samples.length > 0);
  return (
    <>
      <div
        role="group"
        aria-label="Rejected rows per rule, every table"
        // Nothing in it takes the focus, so on a narrow screen the box must, to be scrolled by keys.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        className="focus-inset scroll-quiet overflow-x-auto"
      >
        <table
          aria-label="Rejected rows per rule"
          className="type-small w-full border-separate border-spacing-0"
        >
          <thead>
            <tr className="text-ink-3">
              <th scope="col" className="h-6.5 border-b border-line-2 pl-4 text-left font-normal">
                Field
              </th>
              <th scope="col" className="border-b border-line-2 px-2 text-left font-normal">
                Rule
              </th>
              {tables.map((table) => (
                <th
                  key={table}
                  scope="col"
                  title={table}
                  className="border-b border-line-2 px-2 text-right font-normal last:pr-4"
                >
                  {table.length > 7 ? `${table.slice(0, 4)}.` : table}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => {
              const [first] = line;
              if (first === undefined) return null;
              return (
                <tr key={`${first.field} ${first.rule}`}>
                  <th
                    scope="row"
                    className="type-mono-narrow h-6.25 max-w-40 truncate border-b border-line pl-4 text-left font-normal text-ink"
                    title={first.field}
                  >
                    {first.field === "" ? (
                      <span className="font-sans text-ink-3">row</span>
                    ) : (
                      first.field
                    )}
                  </th>
                  <td className="border-b border-line px-2 text-ink-3">{first.rule}</td>
                  {tables.map((table) => {
                    const result = line.find((one) => one.tableName === table);
                    return (
                      <td
                        key={table}
                        title={
                          result === undefined
                            ? undefined
                            : `${formatCount(result.checked)} rows checked`
                        }
                        className={cn(
                          "border-b border-line px-2 text-right last:pr-4",
                          result !== undefined && result.failed > 0
                            ? limitBroken.has(table)
                              ? "font-semibold text-bad"
                              : "font-semibold text-ink"
                            : "text-ink-3",
                        )}
                      >
                        {result === undefined ? "" : formatCount(result.failed)}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
            <tr>
              <th scope="row" className="h-6.25 pl-4 text-left font-normal">
                share
              </th>
              <td className="px-2 whitespace-nowrap text-ink-3">
                limit {formatPercent(limitPercent / 100)}
              </td>
              {tables.map((table) => {
                const share = limitBroken.get(table);
                return (
                  <td key={table} className="px-2 text-right last:pr-4">
                    {share === undefined ? (
                      <span className="text-ink-3">within</span>
                    ) : (
                      <span className="font-semibold text-bad">{formatPercent(share)}</span>
                    )}
                  </td>
                );
              })}
            </tr>
          </tbody>
        </table>
      </div>
      {failing.length > 0 && <SampleRows results={failing} />}
    </>
  );
}

function sum(line: readonly ValidationResult[]): number {
  return line.reduce((total, result) => total + result.failed, 0);
}

function name(line: readonly ValidationResult[]): string {
  return `${line[0]?.field} ${line[0]?.rule}`;
}
