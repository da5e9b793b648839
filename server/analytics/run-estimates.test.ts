import { expect, it } from "vitest";
import { estimateFrom } from "./run-estimates";

it("gives no estimate from fewer than five runs, and quantiles from five on", () => {
  expect(estimateFrom([1, 2, 3, 4], 0)).toBeNull();
  expect(estimateFrom([50, 10, 40, 20, 30], 35)).toEqual({
    runs: 5,
    p50Seconds: 30,
    p90Seconds: 46,
    slowerThanPercent: 60,
  });
});
