import { describe, expect, it } from "vitest";
import { type Attempt, waitBeforeSignIn, waitInWords, WINDOW_MS } from "./throttle";

const NOW = Date.UTC(2026, 10, 22, 3, 0, 0);

function failures(
  count: number,
  username: string,
  address: string,
  newest = NOW,
  step = 1_000,
): Attempt[] {
  return Array.from({ length: count }, (_, index) => ({
    username,
    address,
    succeeded: false,
    at: newest - index * step,
  }));
}

describe("waitBeforeSignIn", () => {
  it("lets four failures pass and doubles the wait from the fifth", () => {
    expect(waitBeforeSignIn([], "ann", "a", NOW)).toBe(0);
    expect(waitBeforeSignIn(failures(4, "ann", "a"), "ann", "a", NOW)).toBe(0);
    expect(waitBeforeSignIn(failures(5, "ann", "a"), "ann", "a", NOW)).toBe(30_000);
    expect(waitBeforeSignIn(failures(7, "ann", "a"), "ann", "a", NOW)).toBe(120_000);
    expect(waitBeforeSignIn(failures(20, "ann", "a"), "ann", "a", NOW)).toBe(WINDOW_MS);
  });

  it("counts down, and forgets after the window", () => {
    const five = failures(5, "ann", "a");
    expect(waitBeforeSignIn(five, "ann", "a", NOW + 20_000)).toBe(10_000);
    expect(waitBeforeSignIn(five, "ann", "a", NOW + 30_000)).toBe(0);
    expect(waitBeforeSignIn(failures(9, "ann", "a"), "ann", "a", NOW + WINDOW_MS)).toBe(0);
  });

  it("forgets a person's slips at an address when they get in there", () => {
    const attempts = [
      ...failures(6, "ann", "a", NOW - 10_000),
      { username: "ann", address: "a", succeeded: true, at: NOW - 5_000 },
    ];
    expect(waitBeforeSignIn(attempts, "ann", "a", NOW)).toBe(0);
  });

  it("does not lock the owner out for a few guesses made elsewhere", () => {
    expect(waitBeforeSignIn(failures(10, "ann", "elsewhere"), "ann", "home", NOW)).toBe(0);
  });

  it("stops guesses at one name however many addresses they come from", () => {
    const spread = Array.from({ length: 25 }, (_, index) =>
      failures(1, "ann", `a${index}`, NOW - index * 1_000),
    ).flat();
    expect(waitBeforeSignIn(spread.slice(0, 24), "ann", "new", NOW)).toBe(0);
    expect(waitBeforeSignIn(spread, "ann", "new", NOW)).toBe(WINDOW_MS - 24_000);
  });

  it("stops one address that tries many names", () => {
    const spread = Array.from({ length: 50 }, (_, index) => failures(1, `u${index}`, "a")).flat();
    expect(waitBeforeSignIn(spread, "new", "a", NOW)).toBe(WINDOW_MS);
    expect(waitBeforeSignIn(spread, "new", "b", NOW)).toBe(0);
  });
});

describe("waitInWords", () => {
  it.each([
    [1, "1 second"],
    [59, "59 seconds"],
    [60, "1 minute"],
    [61, "2 minutes"],
    [900, "15 minutes"],
  ])("says %i seconds as %s", (seconds, words) => {
    expect(waitInWords(seconds)).toBe(words);
  });
});
