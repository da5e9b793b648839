/** One key press of a shortcut. `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export interface KeyPress {
  key: string;
  mod: boolean;
}

/** A shortcut as the presses that make it, one after the other. */
export type ShortcutKeys = readonly KeyPress[];

/** Reads `g f`, `mod+k`, `?`, `Escape`, `[`. */
export function parseKeys(keys: string): ShortcutKeys {
  return keys.split(" ").map((part) => {
    const mod = part.startsWith("mod+");
    return { key: mod ? part.slice(4) : part, mod };
  });
}

function same(press: KeyPress, encoded: string): boolean {
  return encode(press) === encoded;
}

function encode(press: KeyPress): string {
  return `${press.mod ? "mod+" : ""}${press.key.length === 1 ? press.key.toLowerCase() : press.key}`;
}

/**
 * One step of matching.
 * @param shortcuts in the order of preference
 * @param pending the presses so far that began a sequence
 * @returns the index of the shortcut that is now complete, or null, and the presses to keep
 */
export function stepSequence(
  shortcuts: readonly ShortcutKeys[],
  pending: readonly string[],
  press: KeyPress,
): { match: number | null; pending: string[] } {
  for (const attempt of [[...pending, encode(press)], [encode(press)]]) {
    const complete = shortcuts.findIndex(
      (keys) =>
        keys.length === attempt.length &&
        keys.every((key, index) => same(key, attempt[index] ?? "")),
    );
    if (complete >= 0) return { match: complete, pending: [] };
    const begins = shortcuts.some(
      (keys) =>
        keys.length > attempt.length &&
        attempt.every((part, index) => keys[index] && same(keys[index], part)),
    );
    if (begins) return { match: null, pending: attempt };
  }
  return { match: null, pending: [] };
}
