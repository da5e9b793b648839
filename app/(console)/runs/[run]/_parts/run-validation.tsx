"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { SampleRows } from "@/app/(console)/_parts/sample-rows";
import { useRead } from "@/app/(console)/_read/use-read";
import { Icon } from "@/components/ui/icon";
import { SectionHead } from "@/components/ui/section-head";
import { runValidationContract, type ValidationResult } from "@/lib/contracts/runs";
import { formatCount, formatPercent, plural } from "@/lib/format";

/** What the rules found in this run: those that failed with sample rows, the rest folded. */
export function RunValidation({
  runId,
  timeZone,
  waits,
}: {
  runId: string;
  timeZone: string;
  /** Whether the run waits for approval: its rejects are in the plan and counted here once it is applied. */
  waits: boolean;
}) {
  const query = useRead(runValidationContract, { runId }, { topics: [`run:${runId}`] });
  const failed = query.data?.rows.filter((row) => row.failed > 0) ?? [];
  return (
    <section aria-label="Validation">
      <SectionHead
        name="Validation"
        rule="new"
        fact={
          query.data === undefined || query.data.rows.length === 0
            ? undefined
            : failed.length === 0
              ? `all ${query.data.rows.length} rules hold`
              : `${failed.length} of ${query.data.rows.length} rules found rows`
        }
      />
      <ReadBody query={query} what="Validation" timeZone={timeZone} skeletonRows={4}>
        {(data) =>
          data.rows.length === 0 ? (
            <p className="border-t border-line px-4 py-2 text-ink-3">
              {waits
                ? "What the rules reject is in the plan; it is counted here once the plan is applied."
                : "No batch was validated yet."}
            </p>
          ) : (
            <Results results={data.rows} />
          )
        }
      </ReadBody>
    </section>
  );
}

function Results({ results }: { results: readonly ValidationResult[] }) {
  const failed = results.filter((result) => result.failed > 0);
  const passed = results.filter((result) => result.failed === 0);
  return (
    <>
      <SampleRows results={failed} />
      {passed.length > 0 && (
        <details className="group border-b border-line">
          <summary className="focus-inset type-small flex min-h-7 items-center gap-2 px-4 text-ink-3 hover:bg-hover max-sm:min-h-11">
            <Icon
              name="chevron-right"
              size={12}
              className="transition-transform duration-120 group-open:rotate-90"
            />
            {plural(passed.length, "rule")} without a reject
          </summary>
          <div className="scroll-quiet overflow-x-auto">
            <table aria-label="Rules without a reject" className="type-small w-full">
              <thead>
                <tr className="text-ink-3">
                  <th scope="col" className="pl-4 text-left font-normal">
                    Table
                  </th>
                  <th scope="col" className="px-2 text-left font-normal">
                    Field
                  </th>
                  <th scope="col" className="px-2 text-left font-normal">
                    Rule
                  </th>
                  <th scope="col" className="pr-4 text-right font-normal">
                    Rows checked
                  </th>
                </tr>
              </thead>
              <tbody>
                {passed.map((result) => (
                  <tr key={`${result.tableName} ${result.field} ${result.rule}`}>
                    <td className="border-t border-line py-0.5 pl-4">{result.tableName}</td>
                    <td className="type-mono border-t border-line px-2">{result.field || "–"}</td>
                    <td className="border-t border-line px-2 text-ink-2">{result.rule}</td>
                    <td className="border-t border-line pr-4 text-right" title={formatPercent(0)}>
                      {formatCount(result.checked)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </>
  );
}
