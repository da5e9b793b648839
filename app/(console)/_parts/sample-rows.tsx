import { Icon } from "@/components/ui/icon";
import type { ValidationResult } from "@/lib/contracts/runs";
import { formatCount, plural, truncateKey } from "@/lib/format";

/** Rules that failed, each with a few of the rows that did: value, what is wrong, and where it stands. */
export function SampleRows({ results }: { results: readonly ValidationResult[] }) {
  return (
    <div className="border-t border-line">
      {results.map((result) => (
        <details
          key={`${result.tableName} ${result.field} ${result.rule}`}
          className="group border-b border-line"
        >
          <summary className="focus-inset type-small flex min-h-7 items-center gap-2 px-4 text-ink-2 hover:bg-hover max-sm:min-h-11">
            <Icon
              name="chevron-right"
              size={12}
              className="transition-transform duration-120 group-open:rotate-90"
            />
            <span className="min-w-0 truncate">
              {result.tableName}
              {result.field === "" ? "" : `.${result.field}`}, {result.rule}
            </span>
            <span className="ml-auto text-ink-3">
              {plural(result.failed, "row")}, {formatCount(result.samples.length)} shown
            </span>
          </summary>
          <ul className="px-4 pb-2">
            {result.samples.map((sample) => (
              <li
                key={`${sample.objectKey} ${sample.sourceRow}`}
                className="type-small border-t border-line py-1.5"
              >
                <div className="flex flex-wrap gap-x-3">
                  <span className="type-mono [overflow-wrap:anywhere] text-ink">
                    {sample.value === "" ? (
                      <span className="font-sans text-ink-3">no value</span>
                    ) : (
                      sample.value
                    )}
                  </span>
                  <span className="text-bad">{sample.message}</span>
                </div>
                <div className="type-micro flex flex-wrap gap-x-3 text-ink-3">
                  {sample.entityId !== "" && <span>id {sample.entityId}</span>}
                  <span title={sample.objectKey}>
                    {truncateKey(sample.objectKey, 48)} row {formatCount(sample.sourceRow)}
                  </span>
                </div>
              </li>
            ))}
          </ul>
        </details>
      ))}
    </div>
  );
}
