import { describe, expect, it } from "vitest";
import { brokenInvariants } from "./entity-invariants";

const good = [
  {
    start: "2026-01-01T00:00:00.000Z",
    end: "2026-02-01T00:00:00.000Z",
    isCurrent: false,
    recordHash: "a",
  },
  { start: "2026-02-01T00:00:00.000Z", end: null, isCurrent: true, recordHash: "b" },
];
const [first, last] = good as [(typeof good)[0], (typeof good)[0]];

describe("brokenInvariants", () => {
  it.each([
    [good, []],
    // A gap is a deletion, and the same content after it is a version of its own.
    [
      [
        { ...first, end: "2026-01-10T00:00:00.000Z" },
        { ...last, recordHash: "a" },
      ],
      [],
    ],
    [
      [{ ...first, end: null, isCurrent: true }, last],
      ["one current version", "no overlap"],
    ],
    [[first, { ...last, isCurrent: false }], ["current exactly when open"]],
    [[{ ...first, end: first.start }], ["no empty interval"]],
    [[first, { ...last, recordHash: "a" }], ["no equal neighbours"]],
    [
      [first, { ...last, start: first.start }],
      ["starts rise", "no overlap"],
    ],
  ])("names what does not hold", (versions, broken) => {
    expect(brokenInvariants(versions)).toEqual(broken);
  });
});
