export interface Matchable {
  label: string;
  keywords?: readonly string[] | undefined;
}

/** How well a text answers what was typed: 0 is best, null is not at all. Each word typed must be found. */
function rankText(text: string, words: readonly string[]): number | null {
  const lower = text.toLowerCase();
  let worst = 0;
  for (const word of words) {
    const at = lower.indexOf(word);
    if (at < 0) return null;
    const rank = at === 0 ? 0 : /[\s_\-/.]/.test(lower.charAt(at - 1)) ? 1 : 2;
    worst = Math.max(worst, rank);
  }
  return worst;
}

/**
 * The entries that answer what was typed: those whose name begins with it, then those with a word that does, then the rest that contain it, then those
 * found by a keyword. The given order decides among equals.
 */
export function rankMatches<T extends Matchable>(entries: readonly T[], typed: string): T[] {
  const words = typed
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  if (words.length === 0) return [...entries];
  return entries
    .flatMap((entry) => {
      const byName = rankText(entry.label, words);
      const byKey = rankText([entry.label, ...(entry.keywords ?? [])].join(" "), words);
      const rank = byName ?? (byKey === null ? null : 3);
      return rank === null ? [] : [{ entry, rank }];
    })
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ entry }) => entry);
}
