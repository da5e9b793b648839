// Letters and digits that cannot be taken for one another when read from a screen and typed.
const ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const LENGTH = 20;

/** A password of 20 characters in groups of five, about 99 bits, meant to be read once and typed. */
export function randomPassword(): string {
  const letters: string[] = [];
  while (letters.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(32))) {
      // Only bytes below the greatest multiple of the alphabet's length: the rest would favour its start.
      if (byte < 248 && letters.length < LENGTH)
        letters.push(ALPHABET[byte % ALPHABET.length] ?? "");
    }
  }
  return [0, 5, 10, 15].map((start) => letters.slice(start, start + 5).join("")).join("-");
}
