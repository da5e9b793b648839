import { HealthMark, RunStateWord } from "@/components/data/state-word";
import { SectionHead } from "@/components/ui/section-head";
import { TextLink } from "@/components/ui/text-link";
import type { Need, NeedTarget } from "@/lib/contracts/fleet";
import { assertNever } from "@/lib/assert-never";
import { isRunState } from "@/lib/status";
import { formatAge, formatIsoUtc, toMs } from "@/lib/time";

function hrefOf(target: NeedTarget): string {
  switch (target.kind) {
    case "run":
      return `/runs/${encodeURIComponent(target.runId)}`;
    case "rejects":
      return `/dlq?tenant=${encodeURIComponent(target.tenantId)}&table=${encodeURIComponent(target.tableName)}`;
    case "tenant":
      return `/t/${encodeURIComponent(target.tenantId)}`;
    case "filter":
      return `/?health=${target.health}`;
    default:
      return assertNever(target);
  }
}

/** What a person should look at: state, who, the cause as a sentence, since when, the one next action. Worst first, five lines at most. */
export function NeedsList({
  needs,
  more,
  asOf,
}: {
  needs: readonly Need[];
  more: number;
  asOf: string;
}) {
  if (needs.length === 0)
    return (
      <SectionHead
        name="Needs you"
        fact="nothing: no run failed and no table is past its target"
        rule="none"
        className="border-b border-line-2"
      />
    );
  return (
    <section aria-label="Needs you" className="border-b border-line-2">
      <SectionHead
        name="Needs you"
        fact={
          more > 0
            ? `${needs.length} worst of ${needs.length + more}`
            : `${needs.length}, worst first`
        }
        rule="none"
      />
      <ol>
        {needs.map((need) => (
          <li
            key={need.key}
            data-row
            className="grid min-h-8 items-center gap-x-4 border-t border-line px-4 py-1 max-md:grid-cols-[1fr_auto] max-sm:py-2.5 md:grid-cols-[8.5rem_minmax(9rem,22rem)_minmax(0,1fr)_auto_7rem]"
          >
            {isRunState(need.status) ? (
              <RunStateWord state={need.status} />
            ) : (
              <HealthMark health={need.status} />
            )}
            <span
              className="truncate max-md:order-3 max-md:col-span-2"
              title={`${need.who} ${need.what}`.trim()}
            >
              <strong className="font-medium">{need.who}</strong>{" "}
              <span className="text-ink-3">{need.what}</span>
            </span>
            <span
              className="text-ink-2 max-md:order-4 max-md:col-span-2 md:truncate"
              title={need.sentence}
            >
              {need.sentence}
            </span>
            <span
              className="text-right text-ink-2"
              {...(need.since === null ? {} : { title: formatIsoUtc(need.since) })}
            >
              {need.since === null ? "" : formatAge((toMs(asOf) - toMs(need.since)) / 1000)}
            </span>
            <TextLink
              href={hrefOf(need.target)}
              aria-label={`${need.action}: ${need.who} ${need.what}`}
              className="touch text-right whitespace-nowrap max-md:order-5 max-md:col-span-2 max-md:text-left"
            >
              {need.action}
            </TextLink>
          </li>
        ))}
      </ol>
    </section>
  );
}
