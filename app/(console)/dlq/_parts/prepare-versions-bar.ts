import type { DryVersion } from "@/lib/contracts/dlq-commands";

/** A version in the bar; `share` is its part of the width, 0 to 1. */
export interface BarPart {
  readonly key: string;
  /** `v2 closes`, `v3 opens`, `v1`. */
  readonly label: string;
  readonly startsAt: string;
  readonly isNew: boolean;
  readonly isClosed: boolean;
  readonly share: number;
}

const SHOWN = 3;

/**
 * The versions around what a replay changes, at most three: the one that is new (else the first that differs), and its
 * neighbours. Widths do not follow time, where a version of a minute could not be seen beside one of a year. Pure.
 */
export function prepareVersionsBar(
  before: readonly DryVersion[],
  after: readonly DryVersion[],
): BarPart[] {
  const former = new Map(before.map((version) => [version.startsAt, version]));
  const differs = (version: DryVersion): boolean =>
    version.isNew || former.get(version.startsAt)?.endsAt !== version.endsAt;
  const at = Math.max(
    0,
    after.findIndex((version) => version.isNew),
  );
  const centre = after[at]?.isNew === true ? at : Math.max(0, after.findIndex(differs));
  const start = Math.max(0, Math.min(centre - 1, after.length - SHOWN));
  const shown = after.slice(start, start + SHOWN);
  return shown.map((version, index): BarPart => {
    const isClosed = !version.isNew && differs(version) && version.endsAt !== null;
    return {
      key: version.startsAt,
      label: `v${start + index + 1}${version.isNew ? " opens" : isClosed ? " closes" : ""}`,
      startsAt: version.startsAt,
      isNew: version.isNew,
      isClosed,
      share: 1 / shown.length,
    };
  });
}
