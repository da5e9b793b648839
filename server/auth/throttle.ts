/** One sign-in attempt as remembered. */
export interface Attempt {
  readonly username: string;
  readonly address: string;
  readonly succeeded: boolean;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const SECOND = 1_000;
/** How far back attempts count. */
export const WINDOW_MS = 15 * 60 * SECOND;
/** From the fifth failure of one person at one address on, each further one doubles the wait. */
const PAIR_FREE_FAILURES = 5;
const PAIR_FIRST_WAIT_MS = 30 * SECOND;
/** Failures on one name from anywhere: an address is easily changed, so this bounds guessing at one password. */
const USER_FAILURES = 25;
/** Failures from one address on any name: bounds trying one password on many names. */
const ADDRESS_FAILURES = 50;

/** When the oldest of the newest `limit` failures leaves the window, or 0 while there are fewer. */
function openAgainAt(failures: readonly Attempt[], limit: number): number {
  const newestFirst = failures.map(({ at }) => at).sort((a, b) => b - a);
  const decisive = newestFirst[limit - 1];
  return decisive === undefined ? 0 : decisive + WINDOW_MS;
}

/**
 * How long this person at this address has to wait before the next attempt is looked at. A success forgets the failures of
 * that person at that address, and nobody else's: who guesses from elsewhere does not lock the owner out until the guesses
 * are many.
 *
 * @param attempts those of the person or the address within the window, in any order
 * @param now milliseconds since 1970
 * @returns milliseconds, 0 for none
 */
export function waitBeforeSignIn(
  attempts: readonly Attempt[],
  username: string,
  address: string,
  now: number,
): number {
  const recent = attempts.filter(({ at }) => at > now - WINDOW_MS);
  const failures = recent.filter(({ succeeded }) => !succeeded);
  const ofPair = recent.filter(
    (attempt) => attempt.username === username && attempt.address === address,
  );
  const lastSuccess = Math.max(
    0,
    ...ofPair.filter(({ succeeded }) => succeeded).map(({ at }) => at),
  );
  const pairFailures = ofPair.filter(({ succeeded, at }) => !succeeded && at > lastSuccess);

  let until = 0;
  if (pairFailures.length >= PAIR_FREE_FAILURES) {
    const doublings = pairFailures.length - PAIR_FREE_FAILURES;
    const wait = Math.min(WINDOW_MS, PAIR_FIRST_WAIT_MS * 2 ** doublings);
    until = Math.max(...pairFailures.map(({ at }) => at)) + wait;
  }
  until = Math.max(
    until,
    openAgainAt(
      failures.filter((attempt) => attempt.username === username),
      USER_FAILURES,
    ),
    openAgainAt(
      failures.filter((attempt) => attempt.address === address),
      ADDRESS_FAILURES,
    ),
  );
  return Math.max(0, until - now);
}

/** The wait in words: "40 seconds", "2 minutes"; rounded up. */
export function waitInWords(seconds: number): string {
  if (seconds < 60) return seconds === 1 ? "1 second" : `${seconds} seconds`;
  const minutes = Math.ceil(seconds / 60);
  return minutes === 1 ? "1 minute" : `${minutes} minutes`;
}
