import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCount,
  formatPercent,
  formatRate,
  formatShare,
  formatShort,
  formatSigned,
  listNames,
  plural,
  truncateId,
  truncateKey,
} from "@/lib/format";

/** Writes the narrow no-break space as an underscore, so that the expectations can be read. */
const seen = (text: string) => text.replaceAll("\u202F", "_");

describe("formatCount", () => {
  it.each([
    [0, "0"],
    [999, "999"],
    [1_930_411, "1_930_411"],
    [-1284, "−1_284"],
    [null, "–"],
    [undefined, "–"],
    [Number.NaN, "–"],
    [12_345_678_901_234_567_890n, "12_345_678_901_234_567_890"],
  ])("%s is %s", (value, text) => expect(seen(formatCount(value))).toBe(text));
});

describe("formatShort", () => {
  it.each([
    [0, "0"],
    [412, "412"],
    [2900, "2.9_k"],
    [41_200, "41.2_k"],
    [124_000, "124_k"],
    [999_999, "1.00_M"],
    [3_110_000, "3.11_M"],
    [24_100_000, "24.1_M"],
    [2_410_000_000, "2.41_G"],
    [-41_200, "−41.2_k"],
    [0.04, "0.0"],
    [null, "–"],
  ])("%s is %s", (value, text) => expect(seen(formatShort(value))).toBe(text));

  it("names rows a second", () => expect(seen(formatRate(34_200))).toBe("34.2_k rows/s"));
});

describe("formatBytes", () => {
  it.each([
    [512, "512_B"],
    [6_100_000, "6.1_MB"],
    [118_000_000, "118_MB"],
    [2_840_000_000, "2.84_GB"],
  ])("%s is %s", (value, text) => expect(seen(formatBytes(value))).toBe(text));
});

describe("formatPercent", () => {
  it.each([
    [0, "0_%"],
    [0.0002, "<_0.1_%"],
    [0.061, "6.1_%"],
    [0.62, "62_%"],
    [0.9997, "99.9_%"],
    [1, "100_%"],
    [-0.2, "−20_%"],
    [null, "–"],
  ])("%s is %s", (value, text) => expect(seen(formatPercent(value))).toBe(text));

  it("keeps two decimals for shares", () => expect(seen(formatShare(0.0077))).toBe("0.77_%"));
});

describe("words", () => {
  it("signs a difference", () => {
    expect(formatSigned(5)).toBe("+5");
    expect(formatSigned(-5)).toBe("−5");
    expect(formatSigned(0)).toBe("0");
  });
  it("counts things", () => {
    expect(plural(1, "row")).toBe("1 row");
    expect(plural(2, "entry", "entries")).toBe("2 entries");
  });
  it("lists names and counts the rest", () => {
    expect(listNames(["a", "b", "c"], 2)).toBe("a, b, c");
    expect(listNames(["a", "b", "c", "d"], 2)).toBe("a, b and 2 more");
  });
});

describe("truncation", () => {
  it("cuts ids in the middle", () => {
    expect(truncateId("01JD9K2M7QJ4AAAA7QJ4")).toBe("01JD9K…7QJ4");
    expect(truncateId("48213")).toBe("48213");
  });
  it("cuts keys at the start, at a slash", () => {
    const key = "northwind/canonical/time_entries/2026-11-21T23-30.ndjson.gz";
    expect(truncateKey(key)).toBe("…/time_entries/2026-11-21T23-30.ndjson.gz");
    expect(truncateKey("short/key")).toBe("short/key");
    expect(truncateKey("x".repeat(60), 20)).toHaveLength(20);
  });
});
