import type { EntityVersion } from "@/lib/contracts/entities";

/** Versions that came of nothing but the folded fields. The first version there is of a record is never one. */
export function noiseOf(
  versions: readonly EntityVersion[],
  folded: readonly string[],
): ReadonlySet<number> {
  return new Set(
    versions
      .slice(1)
      .filter(({ changed }) => changed.length > 0 && changed.every((name) => folded.includes(name)))
      .map(({ number }) => number),
  );
}

/** Fewer versions are read faster than folded. */
const LEAST_WORTH_FOLDING = 3;

/**
 * The field that most versions changed and nothing else: worth folding where it is behind half of them.
 *
 * @returns undefined where no field is
 */
export function noisiestField(
  versions: readonly EntityVersion[],
): { field: string; versions: number } | undefined {
  const alone = new Map<string, number>();
  for (const { changed } of versions.slice(1)) {
    const [only] = changed;
    if (only !== undefined && changed.length === 1) alone.set(only, (alone.get(only) ?? 0) + 1);
  }
  const [most] = [...alone].toSorted(([, a], [, b]) => b - a);
  if (most === undefined) return undefined;
  const [field, count] = most;
  return count >= LEAST_WORTH_FOLDING && count * 2 >= versions.length - 1
    ? { field, versions: count }
    : undefined;
}

/** Neighbouring versions of noise as one group, every other version as itself; the order stays. */
export function foldNeighbours(
  versions: readonly EntityVersion[],
  noise: ReadonlySet<number>,
  /** Never folded: those that are compared. */
  kept: readonly number[],
): EntityVersion[][] {
  const groups: EntityVersion[][] = [];
  let open = false;
  for (const version of versions) {
    const folds = noise.has(version.number) && !kept.includes(version.number);
    if (folds && open) groups.at(-1)?.push(version);
    else groups.push([version]);
    open = folds;
  }
  return groups;
}
