import { describe, expect, it } from "vitest";
import {
  formatAge,
  formatClock,
  formatClockMs,
  formatDate,
  formatDay,
  formatDuration,
  formatIsoUtc,
  formatMoment,
  formatNear,
  formatUtcEcho,
  spellDuration,
  threeClocks,
  toMs,
  zoneName,
  zoneOffsetMs,
} from "@/lib/time";

const AT = "2026-11-22T02:12:40.114Z";
const STOCKHOLM = "Europe/Stockholm";

describe("formatAge", () => {
  it.each([
    [0, "0s"],
    [-5, "0s"],
    [47, "47s"],
    [60, "1m"],
    [9 * 60 + 59, "9m"],
    [3600 + 6 * 60, "1h 06m"],
    [2 * 3600 + 41 * 60, "2h 41m"],
    [24 * 3600, "1d"],
    [(3 * 24 + 4) * 3600, "3d 4h"],
    [null, "–"],
  ])("%s s is %s", (seconds, text) => expect(formatAge(seconds)).toBe(text));
});

describe("durations", () => {
  it.each([
    [0.84, "0.8 s"],
    [9.97, "10 s"],
    [59.6, "1m 00s"],
    [161, "2m 41s"],
    [3840, "1h 04m"],
    [undefined, "–"],
  ])("%s s took %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));

  it.each([
    [40, "40 s"],
    [1888, "31 min 28 s"],
    [1800, "30 min"],
    [9660, "2 h 41 min"],
    [273_600, "3 days 4 h"],
    [86_400, "1 day"],
  ])("%s s is spelt %s", (seconds, text) => expect(spellDuration(seconds)).toBe(text));
});

describe("clocks", () => {
  it("speaks in the zone it is given", () => {
    expect(formatClock(AT, STOCKHOLM)).toBe("03:12");
    expect(formatClock(AT, "UTC")).toBe("02:12");
    expect(formatClockMs(AT, STOCKHOLM)).toBe("03:12:40.114");
    expect(formatMoment(AT, "America/Chicago")).toBe("21 Nov 20:12");
    expect(formatDate(AT, STOCKHOLM)).toBe("22 Nov 2026");
    expect(formatDay("2026-09-01T00:00:00Z", "UTC")).toBe("01 Sep");
    expect(formatClock("2026-11-22T00:00:00Z", "UTC")).toBe("00:00");
  });

  it("leaves the day out when it is today", () => {
    expect(formatNear("2026-11-21T23:30:00Z", AT, STOCKHOLM)).toBe("00:30");
    expect(formatNear("2026-11-21T22:30:00Z", AT, STOCKHOLM)).toBe("21 Nov 23:30");
  });

  it("echoes UTC, with the day only when it differs", () => {
    expect(formatUtcEcho(AT, STOCKHOLM)).toBe("02:12:40 UTC");
    expect(formatUtcEcho("2026-11-21T23:30:00Z", STOCKHOLM)).toBe("21 Nov 23:30:00 UTC");
    expect(formatIsoUtc(AT)).toBe("2026-11-22 02:12:40.114 UTC");
  });

  it("names three clocks, each zone once", () => {
    expect(threeClocks(AT, STOCKHOLM, "America/Chicago")).toEqual([
      "22 Nov 2026 03:12:40 Stockholm",
      "22 Nov 2026 02:12:40 UTC",
      "21 Nov 2026 20:12:40 Chicago",
    ]);
    expect(threeClocks(AT, "UTC", "UTC")).toHaveLength(1);
  });

  it("names a zone by its city", () => expect(zoneName("America/New_York")).toBe("New York"));

  it("knows how far a zone is ahead", () => {
    expect(zoneOffsetMs(AT, STOCKHOLM)).toBe(3_600_000);
    expect(zoneOffsetMs("2026-07-01T00:00:00Z", STOCKHOLM)).toBe(7_200_000);
    expect(zoneOffsetMs(AT, "America/Chicago")).toBe(-21_600_000);
    expect(zoneOffsetMs(AT, "Asia/Kathmandu")).toBe(20_700_000);
  });

  it("refuses what is not a time", () => expect(() => toMs("yesterday")).toThrow(RangeError));
});
