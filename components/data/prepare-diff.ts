import { diffWordsWithSpace } from "diff";

/** A value as it is shown: decimals as text, instants in ISO, a database null as null. */
export type FieldValue = string | number | null;

export interface DiffField {
  name: string;
  a: FieldValue;
  b: FieldValue;
}

export interface TextPart {
  text: string;
  changed: boolean;
  /** Where it begins in the whole text. */
  offset: number;
}

/** Splits fields into those that differ and those that do not, in the order given. */
export function splitFields(fields: readonly DiffField[]): {
  changed: DiffField[];
  equal: DiffField[];
} {
  const changed: DiffField[] = [];
  const equal: DiffField[] = [];
  for (const field of fields) (Object.is(field.a, field.b) ? equal : changed).push(field);
  return { changed, equal };
}

/** Under this length a changed text is taken as a whole; finding words in it says nothing. */
const LONG = 40;
/** Word by word over more than this would hold up the page; the text is then shown as changed as a whole. */
const TOO_LONG = 20_000;

/**
 * The words of B that are not in A, for long text; null when the value is better read as a whole.
 * @returns B in parts, in order
 */
export function changedWords(a: FieldValue, b: FieldValue): TextPart[] | null {
  if (typeof a !== "string" || typeof b !== "string") return null;
  if (a.length < LONG || b.length < LONG || a.length + b.length > TOO_LONG) return null;
  let offset = 0;
  const parts = diffWordsWithSpace(a, b)
    .filter((part) => !part.removed)
    .map((part) => {
      const here = offset;
      offset += part.value.length;
      return { text: part.value, changed: part.added, offset: here };
    });
  const kept = parts.reduce((sum, part) => sum + (part.changed ? 0 : part.text.length), 0);
  // With hardly a word in common the underlines would cover everything.
  return kept < b.length / 4 ? null : parts;
}
