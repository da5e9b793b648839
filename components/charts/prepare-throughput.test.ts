import { describe, expect, it } from "vitest";
import { niceAgeTicks, niceTicks } from "@/components/charts/nice-scale";
import { prepareThroughput } from "@/components/charts/prepare-throughput";

const START = Date.parse("2026-11-22T00:00:00Z");
const bucket = (index: number, rowsPerSecond: number | null, rejectedPercent: number | null) => ({
  at: START + index * 300_000,
  rowsPerSecond,
  rejectedPercent,
});

describe("niceTicks", () => {
  it.each([
    [52_000, [0, 20_000, 40_000, 60_000]],
    [0, [0, 1]],
    [3, [0, 1, 2, 3]],
    [0.9, [0, 0.5, 1]],
  ])("%s", (highest, ticks) => expect(niceTicks(highest)).toEqual(ticks));

  it("speaks of ages in minutes, hours and days", () => {
    expect(niceAgeTicks(9700)).toEqual([0, 3600, 7200, 10_800]);
    expect(niceAgeTicks(1500)).toEqual([0, 900, 1800]);
    expect(niceAgeTicks(0)).toEqual([0, 60]);
  });
});

describe("prepareThroughput", () => {
  it("keeps gaps as gaps and joins them", () => {
    const model = prepareThroughput(
      [bucket(0, 10, 0), bucket(1, null, null), bucket(2, null, null), bucket(3, 20, 0)],
      300,
      "UTC",
    );
    expect(model.gaps).toEqual([
      { fromMs: START + 300_000, toMs: START + 900_000, label: "no data, 10 min" },
    ]);
    expect(model.points).toHaveLength(5);
    expect(model.points.at(-1)?.rate).toBe(20);
    expect(model.rows[1]).toEqual({ label: "22 Nov 00:05", rate: "no run", rejected: "" });
    expect(model.sentence).toBe("Nothing was rejected.");
  });

  it("says since when rejects have risen", () => {
    const model = prepareThroughput(
      Array.from({ length: 20 }, (_, index) => bucket(index, 100, index < 15 ? 0.2 : 2)),
      300,
      "UTC",
    );
    expect(model.sentence).toBe("Rejects rose at 01:15.");
    expect(model.usualRejected).toBeCloseTo(0.2);
    expect(model.latest).toMatchObject({ rate: 100, rejected: 2 });
  });

  it("has words for a time without any run", () => {
    const model = prepareThroughput([bucket(0, null, null)], 300, "UTC");
    expect(model.latest).toBeNull();
    expect(model.sentence).toBe("No run was at work in this time.");
    expect(prepareThroughput([], 300, "UTC").points).toEqual([]);
  });
});
