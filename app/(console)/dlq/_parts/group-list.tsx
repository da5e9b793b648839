"use client";

import Link from "next/link";
import { Sparkline } from "@/components/data/sparkline";
import { useRowKeys } from "@/components/data/use-row-keys";
import { cn } from "@/lib/cn";
import type { DeadLetterGroup } from "@/lib/contracts/dlq";
import { formatCount, formatPercent, plural } from "@/lib/format";
import { formatAge, formatIsoUtc, toMs } from "@/lib/time";

/** How many of a rising group's newest hours are drawn in red. */
const RISING_HOURS = 3;

/** How failures of the cause ended before, in few words and in all; null where none has ended. */
function endsBefore({
  mended,
  discarded,
}: DeadLetterGroup): { short: string; whole: string } | null {
  const ended = mended + discarded;
  if (ended === 0) return null;
  return {
    short: mended === 0 ? "all discarded" : `${formatPercent(mended / ended)} mended`,
    whole: `before: ${formatCount(mended)} mended, ${formatCount(discarded)} discarded`,
  };
}

/** Causes, the largest first: what is wrong, where, its last day by hour, how many. */
export function GroupList({
  groups,
  current,
  hrefOf,
  asOf,
}: {
  groups: readonly DeadLetterGroup[];
  current: string | null;
  hrefOf: (fingerprint: string) => string;
  asOf: string;
}) {
  const list = useRowKeys<HTMLUListElement>(current === null);
  return (
    <div>
      <div
        aria-hidden
        className="type-small flex h-6.5 items-center gap-4 border-b border-line-2 px-4 text-ink-3"
      >
        <span className="flex-1">Cause</span>
        <span className="w-18.5 max-sm:hidden">24 h by hour</span>
        <span className="w-28 text-right max-sm:w-16">Records</span>
      </div>
      <ul ref={list} aria-label="Causes, the largest first">
        {groups.map((group) => {
          const open = group.fingerprint === current;
          const ends = endsBefore(group);
          const lastSeen = `last seen ${formatIsoUtc(group.lastSeen)}`;
          return (
            <li
              key={group.fingerprint}
              data-row
              aria-current={open ? "true" : undefined}
              className={cn(
                "relative flex min-h-12.5 items-center gap-4 border-b border-line px-4 py-1.5",
                open ? "bg-accent-tint shadow-[inset_2px_0_0_var(--accent)]" : "hover:bg-hover",
              )}
            >
              <span className="min-w-0 flex-1">
                <Link
                  href={hrefOf(group.fingerprint)}
                  scroll={false}
                  data-row-link
                  className="stretch-link block truncate font-medium text-ink max-sm:whitespace-normal"
                  title={group.cause}
                >
                  {group.cause}
                </Link>
                <span className="type-small block truncate text-ink-2">
                  {group.tableName === "" ? group.kind : group.tableName},{" "}
                  {group.tenantName ?? plural(group.tenants, "tenant")}
                  {group.example !== "" && (
                    <>
                      , such as <span className="type-mono">{JSON.stringify(group.example)}</span>
                    </>
                  )}
                </span>
              </span>
              <span className="max-sm:hidden">
                <Sparkline
                  values={group.hours}
                  rising={group.rising ? RISING_HOURS : 0}
                  label="first seen, by hour"
                />
              </span>
              <span className="w-28 text-right max-sm:w-16">
                <span className="block font-semibold">{formatCount(group.count)}</span>
                <span
                  className="type-small block truncate text-ink-3"
                  title={ends === null ? lastSeen : `${ends.whole}\n${lastSeen}`}
                >
                  {ends?.short ?? `${formatAge((toMs(asOf) - toMs(group.lastSeen)) / 1000)} ago`}
                </span>
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
