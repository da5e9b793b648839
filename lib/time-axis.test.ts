import { describe, expect, it } from "vitest";
import { timeTicks } from "@/lib/time-axis";

const at = (iso: string) => Date.parse(iso);

describe("timeTicks", () => {
  it("stands on round local times", () => {
    const ticks = timeTicks(
      at("2026-11-22T01:41:12Z"),
      at("2026-11-22T02:41:00Z"),
      "Europe/Stockholm",
    );
    expect(ticks.map((tick) => tick.label)).toEqual([
      "02:50",
      "03:00",
      "03:10",
      "03:20",
      "03:30",
      "03:40",
    ]);
  });

  it("is round in a zone with an odd offset", () => {
    const ticks = timeTicks(
      at("2026-11-22T00:00:00Z"),
      at("2026-11-22T05:00:00Z"),
      "Asia/Kathmandu",
    );
    expect(ticks.map((tick) => tick.label)).toEqual(["06:00", "07:00", "08:00", "09:00", "10:00"]);
  });

  it("names days over weeks and seconds over a minute", () => {
    const weeks = timeTicks(at("2026-08-01T00:00:00Z"), at("2026-11-20T00:00:00Z"), "UTC", 9);
    expect(weeks[0]?.label).toMatch(/^\d\d Aug$/);
    expect(weeks.length).toBeLessThanOrEqual(9);
    const seconds = timeTicks(at("2026-11-22T00:00:01Z"), at("2026-11-22T00:00:31Z"), "UTC");
    expect(seconds[0]?.label).toBe("00:00:05");
  });

  it("keeps round times over a change of daylight saving", () => {
    const ticks = timeTicks(
      at("2026-10-24T20:00:00Z"),
      at("2026-10-25T14:00:00Z"),
      "Europe/Stockholm",
    );
    expect(ticks.map((tick) => tick.label)).toEqual([
      "00:00",
      "03:00",
      "06:00",
      "09:00",
      "12:00",
      "15:00",
    ]);
  });

  it("has nothing to say of an empty axis", () => expect(timeTicks(5, 5, "UTC")).toEqual([]));
});
