"use client";

import Link from "next/link";
import { useState } from "react";
import { useRowKeys } from "@/components/data/use-row-keys";
import { Button } from "@/components/ui/button";
import { Icon } from "@/components/ui/icon";
import { OutlineTag } from "@/components/ui/tag";
import { cn } from "@/lib/cn";
import type { EntityVersion } from "@/lib/contracts/entities";
import { listNames, plural } from "@/lib/format";
import { recordMoment } from "@/app/(console)/_parts/record-moment";
import { formatIsoUtc, spellDuration, toMs } from "@/lib/time";
import { foldNeighbours } from "./noise";

/** What a version changed, in few words. */
export function changedWord(version: EntityVersion, before: EntityVersion | undefined): string {
  if (before === undefined) return version.number === 1 ? "created" : "older versions are left out";
  if (version.changed.length === 0) return "came back unchanged";
  return listNames(version.changed, 2);
}

/** The versions, newest first, with the gaps in which the record was deleted; those of noise are folded. A click moves B. */
export function VersionList({
  versions,
  a,
  b,
  noise,
  hrefOf,
  asOf,
  timeZone,
}: {
  /** Oldest first. */
  versions: readonly EntityVersion[];
  a: number;
  b: number;
  /** Versions that changed folded fields only. */
  noise: ReadonlySet<number>;
  /** Where a click on a version leads. */
  hrefOf: (version: number) => string;
  asOf: string;
  timeZone: string;
}) {
  const list = useRowKeys<HTMLOListElement>();
  const [unfolded, setUnfolded] = useState<ReadonlySet<number>>(new Set());
  const folds = new Map<number, readonly EntityVersion[]>();
  const hidden = new Set<number>();
  for (const group of foldNeighbours(versions, noise, [a, b])) {
    const newest = group.at(-1);
    const isNoise =
      newest !== undefined && noise.has(newest.number) && ![a, b].includes(newest.number);
    if (!isNoise || unfolded.has(newest.number)) continue;
    folds.set(newest.number, group);
    for (const version of group) hidden.add(version.number);
  }
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
        const fold = folds.get(version.number);
        if (fold === undefined && hidden.has(version.number) && deletedFor === null) return null;
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
            {fold !== undefined && (
              <Folded
                versions={fold}
                onUnfold={() => setUnfolded(new Set([...unfolded, version.number]))}
              />
            )}
            {!hidden.has(version.number) && (
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
            )}
          </li>
        );
      })}
    </ol>
  );
}

/** Neighbouring versions of noise as one line. */
function Folded({
  versions,
  onUnfold,
}: {
  versions: readonly EntityVersion[];
  onUnfold: () => void;
}) {
  const names = [...new Set(versions.flatMap(({ changed }) => changed))];
  return (
    <div className="type-small flex min-h-8 items-center gap-2 border-b border-line py-1 pr-4 pl-11 text-ink-3">
      <span className="min-w-0 flex-1 truncate" title={names.join(", ")}>
        {plural(versions.length, "version")} of {listNames(names, 1)} only
      </span>
      <Button size="small" kind="quiet" onClick={onUnfold}>
        Show
      </Button>
    </div>
  );
}
