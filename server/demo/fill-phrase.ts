import type { PhraseBook } from "./phrases/phrase-book";
import type { Random } from "./random";

/**
 * Completes the places in braces of a phrase; one place keeps its filling wherever it stands.
 *
 * @param filled what was chosen so far, extended by what is chosen now
 */
export function fillPhrase(
  phrase: string,
  book: PhraseBook,
  random: Random,
  filled: Map<string, string>,
): string {
  return phrase.replaceAll(/\{(\w+)\}/g, (whole, name: string) => {
    const known = filled.get(name);
    if (known !== undefined) return known;
    const choices = book.fill[name];
    if (!choices) return whole;
    const chosen = random.pick(choices);
    filled.set(name, chosen);
    return chosen;
  });
}
