import { describe, expect, it } from "vitest";
import type { EntityVersion } from "@/lib/contracts/entities";
import { inForceAt } from "./in-force";
import { foldNeighbours, noiseOf, noisiestField } from "./noise";

function version(number: number, start: string, end: string | null, changed: string[] = []) {
  return {
    number,
    start: `2026-11-${start}Z`,
    end: end && `2026-11-${end}Z`,
    changed,
  } as EntityVersion;
}

describe("inForceAt", () => {
  const versions = [
    version(1, "01T00:00:00.000", "02T00:00:00.000"),
    version(2, "02T00:00:00.000", "03T00:00:00.000"),
    // Deleted for a day.
    version(3, "04T00:00:00.000", null),
  ];
  it.each([
    ["2026-10-31T23:59:59.999Z", { kind: "not-yet", shown: versions[0] }],
    ["2026-11-01T00:00:00.000Z", { kind: "version", version: versions[0] }],
    ["2026-11-02T00:00:00.000Z", { kind: "version", version: versions[1] }],
    ["2026-11-03T00:00:00.000Z", { kind: "deleted", shown: versions[1] }],
    ["2026-11-30T00:00:00.000Z", { kind: "version", version: versions[2] }],
  ])("knows what it was at %s", (at, expected) => {
    expect(inForceAt(versions, 3, new Date(at))).toEqual(expected);
  });

  it("says when older versions were left out", () => {
    expect(inForceAt(versions, 4, new Date("2026-10-01T00:00:00Z"))?.kind).toBe("left-out");
    expect(inForceAt([], 0, new Date())).toBeUndefined();
  });
});

describe("noise", () => {
  const at = (number: number, ...changed: string[]) =>
    version(number, "01T00:00:00.000", null, changed);
  const versions = [
    at(1),
    at(2, "owner_id"),
    at(3, "owner_id"),
    at(4, "owner_id", "status"),
    at(5, "owner_id"),
    at(6),
  ];

  it("is what changed only folded fields", () => {
    expect([...noiseOf(versions, ["owner_id"])]).toEqual([2, 3, 5]);
    expect([...noiseOf(versions, ["owner_id", "status"])]).toEqual([2, 3, 4, 5]);
    expect(noiseOf(versions, []).size).toBe(0);
  });

  it("names the field behind most versions", () => {
    expect(noisiestField(versions)).toEqual({ field: "owner_id", versions: 3 });
    expect(noisiestField(versions.slice(0, 3))).toBeUndefined();
    expect(noisiestField([...versions, at(7), at(8)])).toBeUndefined();
  });

  it("folds neighbours, but not what is compared", () => {
    const noise = noiseOf(versions, ["owner_id"]);
    const numbers = (kept: number[]) =>
      foldNeighbours(versions, noise, kept).map((group) => group.map((one) => one.number));
    expect(numbers([])).toEqual([[1], [2, 3], [4], [5], [6]]);
    expect(numbers([3])).toEqual([[1], [2], [3], [4], [5], [6]]);
  });
});
