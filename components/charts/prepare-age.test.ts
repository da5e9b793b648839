import { describe, expect, it } from "vitest";
import { prepareAge } from "@/components/charts/prepare-age";

const T0 = Date.parse("2026-11-22T00:00:00Z");
const minutes = (count: number) => T0 + count * 60_000;
const base = { fromMs: T0, toMs: minutes(120), targetSeconds: 1800, timeZone: "UTC" };

describe("prepareAge", () => {
  it("rises and falls", () => {
    const model = prepareAge({
      ...base,
      loads: [
        { publishedMs: minutes(-10), dataMs: minutes(-12) },
        { publishedMs: minutes(10), dataMs: minutes(8) },
        { publishedMs: minutes(100), dataMs: minutes(98) },
      ],
    });
    expect(model.points[0]).toMatchObject({ ms: T0, age: 720 });
    expect(model.rows).toHaveLength(2);
    expect(model.nowSeconds).toBe(22 * 60);
    expect(model.breaches).toHaveLength(1);
    expect(model.breaches[0]).toMatchObject({
      fromMs: minutes(38),
      highestSeconds: 92 * 60,
      open: false,
    });
    expect(model.sentence).toBe("Within its target of 30 min. Once past it before.");
  });

  it("knows a breach that lasts", () => {
    const model = prepareAge({ ...base, loads: [{ publishedMs: minutes(5), dataMs: minutes(5) }] });
    expect(model.breaches[0]).toMatchObject({ open: true, highestSeconds: 115 * 60 });
    expect(model.points.at(-1)).toMatchObject({ over: [1800, 6900], live: 6900 });
    expect(model.sentence).toBe("1 h 55 min old, target 30 min.");
  });

  it("does not grow older by late data", () => {
    const model = prepareAge({
      ...base,
      loads: [
        { publishedMs: minutes(5), dataMs: minutes(5) },
        { publishedMs: minutes(10), dataMs: minutes(-600) },
      ],
    });
    expect(model.nowSeconds).toBe(115 * 60);
  });

  it("has words for a table that was never loaded", () => {
    const model = prepareAge({ ...base, loads: [] });
    expect(model.nowSeconds).toBeNull();
    expect(model.points).toEqual([]);
    expect(model.sentence).toBe("Never loaded in this time.");
  });
});
