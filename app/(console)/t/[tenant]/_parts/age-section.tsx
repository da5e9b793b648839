"use client";

import { ReadBody } from "@/app/(console)/_parts/read-body";
import { useRead } from "@/app/(console)/_read/use-read";
import { AgeChart } from "@/components/charts/age-chart";
import { prepareAge } from "@/components/charts/prepare-age";
import { FilterChip, FilterRow } from "@/components/ui/filter-chip";
import { SectionHead } from "@/components/ui/section-head";
import { SelectField } from "@/components/ui/select-field";
import { AGE_WINDOWS, type AgeWindow, tableAgeContract } from "@/lib/contracts/tenants";
import { toMs, zoneName } from "@/lib/time";

const WINDOW_WORDS: Record<AgeWindow, string> = { "12h": "12 h", "3d": "3 d", "30d": "30 d" };

/** The age of one table over time against its target. */
export function AgeSection({
  tenantId,
  tables,
  table,
  window,
  timeZone,
  onChange,
}: {
  tenantId: string;
  tables: readonly string[];
  table: string;
  window: AgeWindow;
  timeZone: string;
  onChange: (next: { table?: string; window?: AgeWindow }) => void;
}) {
  const query = useRead(
    tableAgeContract,
    { tenantId, table, window },
    { topics: [`tenant:${tenantId}`] },
  );
  return (
    <section aria-label={`Age of ${table}`}>
      <SectionHead
        name={`Age of ${table}`}
        fact={`${WINDOW_WORDS[window]}, ${zoneName(timeZone)} time`}
        rule="none"
        className="py-1"
        actions={
          <>
            <SelectField
              label="Table"
              labelHidden
              size="small"
              className="w-32"
              options={tables.map((name) => ({ value: name, label: name }))}
              value={table}
              onChange={(name) => onChange({ table: name })}
            />
            <FilterRow label="Window">
              {AGE_WINDOWS.map((one) => (
                <FilterChip
                  key={one}
                  on={one === window}
                  onToggle={() => onChange({ window: one })}
                >
                  {WINDOW_WORDS[one]}
                </FilterChip>
              ))}
            </FilterRow>
          </>
        }
      />
      <ReadBody query={query} what={`The age of ${table}`} timeZone={timeZone} skeletonRows={5}>
        {(data) =>
          data.loads.length === 0 ? (
            <p className="px-4 pb-3 text-ink-3">{table} was never loaded.</p>
          ) : (
            <AgeChart
              table={table}
              model={prepareAge({
                loads: data.loads.map((load) => ({
                  publishedMs: toMs(load.publishedAt),
                  dataMs: toMs(load.dataAt),
                })),
                fromMs: toMs(data.from),
                toMs: toMs(data.asOf),
                targetSeconds: data.targetMinutes * 60,
                timeZone,
              })}
            />
          )
        }
      </ReadBody>
    </section>
  );
}
