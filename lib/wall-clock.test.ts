import { describe, expect, it } from "vitest";
import { fromWallClock, toWallClock } from "./wall-clock";

describe("wall clocks", () => {
  it.each([
    ["2026-07-01T12:00", "America/New_York", "2026-07-01T16:00:00.000Z"],
    ["2026-11-23T05:15:30", "Europe/Berlin", "2026-11-23T04:15:30.000Z"],
    // The first minutes of summer and of winter time.
    ["2026-03-29T03:10", "Europe/Berlin", "2026-03-29T01:10:00.000Z"],
    ["2026-10-25T04:00", "Europe/Berlin", "2026-10-25T03:00:00.000Z"],
  ])("%s in %s is %s", (text, zone, utc) => {
    expect(fromWallClock(text, zone)?.toISOString()).toBe(utc);
    expect(toWallClock(new Date(utc), zone)).toBe(text.slice(0, 16));
  });

  it("has no moment for what is unfinished", () => {
    expect(fromWallClock("", "UTC")).toBeNull();
    expect(fromWallClock("2026-11", "UTC")).toBeNull();
    expect(toWallClock(null, "UTC")).toBe("");
  });
});
