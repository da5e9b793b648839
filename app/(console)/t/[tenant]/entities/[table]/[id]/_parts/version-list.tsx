import Link from "next/link";
import { useRowKeys } from "@/components/data/use-row-keys";
import { Icon } from "@/components/ui/icon";
import { OutlineTag } from "@/components/ui/tag";
import { cn } from "@/lib/cn";
import type { EntityVersion } from "@/lib/contracts/entities";
import { listNames } from "@/lib/format";
import { recordMoment } from "@/app/(console)/_parts/record-moment";
import { formatIsoUtc, spellDuration, toMs } from "@/lib/time";

/** What a version changed, in few words. */
export function changedWord(version: EntityVersion, before: EntityVersion | undefined): string {
  if (before === undefined) return version.number === 1 ? "created" : "older versions are left out";
  if (version.changed.length === 0) return "came back unchanged";
  return listNames(version.changed, 2);
}

/** The versions, newest first, with the gaps in which the record was deleted. A click moves B. */
export function VersionList({
  versions,
  a,
  b,
  hrefOf,
  asOf,
  timeZone,
}: {
  /** Oldest first. */
  versions: readonly EntityVersion[];
  a: number;
  b: number;
  /** Where a click on a version leads. */
  hrefOf: (version: number) => string;
  asOf: string;
  timeZone: string;
}) {
  const list = useRowKeys<HTMLOListElement>();
  return (
    <ol ref={list} aria-label="Versions, newest first" className="border-t border-line">
      {versions.toReversed().map((version, index) => {
        const place = versions.length - 1 - index;
        const after = versions[place + 1];
        const deletedFor =
          version.end === null || (after !== undefined && after.start === version.end)
            ? null
            : (toMs(after?.start ?? asOf) - toMs(version.end)) / 1000;
        const letter = version.number === b ? "B" : version.number === a ? "A" : null;
        return (
          <li key={version.number}>
            {deletedFor !== null && version.end !== null && (
              <div className="type-small flex min-h-8 items-center gap-3 border-b border-line py-1 pr-4 pl-11 text-ink-3">
                <Icon name="trash" />
                <span>
                  deleted {recordMoment(version.end, asOf, timeZone)}
                  {after === undefined ? ", to this day" : `, for ${spellDuration(deletedFor)}`}
                </span>
              </div>
            )}
            <div
              data-row
              aria-current={letter === null ? undefined : "true"}
              className={cn(
                "relative flex min-h-11.5 items-center gap-2.5 border-b border-line py-1 pr-4 pl-3",
                letter === null ? "hover:bg-hover" : "bg-accent-tint",
              )}
            >
              <span
                aria-hidden
                className={cn(
                  "inline-flex size-5 shrink-0 items-center justify-center rounded-kbd type-small font-semibold",
                  letter !== null && "bg-accent-fill text-on-accent",
                )}
              >
                {letter}
              </span>
              <Link
                href={hrefOf(version.number)}
                scroll={false}
                data-row-link
                aria-label={`Version ${version.number}${letter === null ? "" : `, ${letter}`}: compare`}
                className="stretch-link w-8 shrink-0 font-medium"
              >
                v{version.number}
              </Link>
              <span className="min-w-0 flex-1">
                <span className="block truncate" title={version.changed.join(", ")}>
                  {changedWord(version, versions[place - 1])}
                </span>
                <span
                  className="type-small block text-ink-3"
                  title={`${formatIsoUtc(version.start)} – ${version.end === null ? "current" : formatIsoUtc(version.end)}`}
                >
                  {recordMoment(version.start, asOf, timeZone)} –{" "}
                  {version.end === null ? "current" : recordMoment(version.end, asOf, timeZone)}
                </span>
              </span>
              {version.isCurrent && <OutlineTag>current</OutlineTag>}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
