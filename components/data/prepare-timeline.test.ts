import { describe, expect, it } from "vitest";
import {
  middleOf,
  namesAbove,
  prepareTimeline,
  versionAt,
} from "@/components/data/prepare-timeline";

const VERSIONS = [
  { number: 1, fromMs: 0, toMs: 10 },
  { number: 2, fromMs: 10, toMs: 40 },
  { number: 3, fromMs: 60, toMs: null },
];

describe("prepareTimeline", () => {
  it("lays versions and gaps on one axis", () => {
    const timeline = prepareTimeline(VERSIONS, 100);
    expect(timeline.pieces.map((piece) => [piece.from, piece.width])).toEqual([
      [0, 0.1],
      [0.1, expect.closeTo(0.3)],
      [0.6, expect.closeTo(0.4)],
    ]);
    expect(timeline.gaps).toHaveLength(1);
    expect(timeline.gaps[0]).toMatchObject({ fromMs: 40, toMs: 60 });
  });

  it("shows a deletion that lasts", () => {
    const timeline = prepareTimeline([{ number: 1, fromMs: 0, toMs: 50 }], 100);
    expect(timeline.gaps[0]).toMatchObject({ fromMs: 50, toMs: null, from: 0.5, width: 0.5 });
  });

  it("stands on a version even for one moment of history", () => {
    const timeline = prepareTimeline([{ number: 1, fromMs: 5, toMs: null }], 5);
    expect(timeline.toMs).toBeGreaterThan(timeline.fromMs);
  });
});

describe("handles", () => {
  it("snap to the version under them", () => {
    expect(versionAt(VERSIONS, 12)?.number).toBe(2);
    expect(versionAt(VERSIONS, 50)?.number).toBe(2);
    expect(versionAt(VERSIONS, -5)?.number).toBe(1);
    expect(versionAt(VERSIONS, 999)?.number).toBe(3);
    expect(middleOf({ number: 2, fromMs: 10, toMs: 40 }, 100)).toBe(25);
    expect(middleOf({ number: 3, fromMs: 60, toMs: null }, 100)).toBe(80);
  });

  it("name narrow versions only where there is room", () => {
    const pieces = Array.from({ length: 10 }, (_, index) => ({
      version: { number: index + 1, fromMs: index, toMs: index + 1 },
      from: index * 0.01,
      width: 0.01,
    }));
    const named = namesAbove(pieces, 0.03);
    expect(named.has(1)).toBe(true);
    expect(named.has(2)).toBe(false);
    expect(named.size).toBeLessThan(5);
  });
});
