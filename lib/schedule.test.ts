import { describe, expect, it } from "vitest";
import { cronProblem, latestTime, nextTimes, type Schedule, scheduleWords } from "./schedule";

const at = (iso: string): number => Date.parse(iso);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
const every = (intervalMinutes: number): Schedule => ({
  kind: "interval",
  intervalMinutes,
  cron: "",
  timeZone: "UTC",
});
const cron = (expression: string, timeZone = "UTC"): Schedule => ({
  kind: "cron",
  intervalMinutes: 15,
  cron: expression,
  timeZone,
});

describe("an interval", () => {
  it("comes every N minutes, always at the same place of it", () => {
    const [first = 0, second = 0, third = 0] = nextTimes(
      "acme",
      every(15),
      at("2026-11-22T10:00:00Z"),
      3,
    );
    expect(first).toBeGreaterThan(at("2026-11-22T10:00:00Z"));
    expect(first).toBeLessThanOrEqual(at("2026-11-22T10:15:00Z"));
    expect([second - first, third - second]).toEqual([900_000, 900_000]);
    expect(nextTimes("acme", every(15), first, 1)).toEqual([second]);
    expect(nextTimes("acme", every(15), first - 1, 1)).toEqual([first]);
  });

  it("spreads tenants over the interval", () => {
    const places = Array.from(
      { length: 300 },
      (_, index) => nextTimes(`tenant-${index}`, every(15), 0, 1)[0] ?? 0,
    );
    const thirds = [0, 1, 2].map(
      (third) => places.filter((place) => Math.floor(place / 300_000.001) === third).length,
    );
    for (const count of thirds) expect(count).toBeGreaterThan(60);
  });

  it("has one time for all that were missed, and none twice", () => {
    const [first = 0] = nextTimes("acme", every(15), at("2026-11-22T10:00:00Z"), 1);
    const now = first + 7 * 900_000 + 5_000;
    const latest = latestTime("acme", every(15), first - 1, now);
    expect(latest).toBe(first + 7 * 900_000);
    expect(latestTime("acme", every(15), latest ?? 0, now)).toBeNull();
    expect(latestTime("acme", every(15), (latest ?? 0) - 1, latest ?? 0)).toBe(latest);
  });
});

describe("a cron expression", () => {
  it("is in its zone, winter and summer", () => {
    const daily = cron("30 5 * * *", "Europe/Berlin");
    expect(nextTimes("acme", daily, at("2026-01-10T00:00:00Z"), 1).map(iso)).toEqual([
      "2026-01-10T04:30:00.000Z",
    ]);
    expect(nextTimes("acme", daily, at("2026-07-10T00:00:00Z"), 1).map(iso)).toEqual([
      "2026-07-10T03:30:00.000Z",
    ]);
  });

  it("comes once on the night without that hour, and once on the night that has it twice", () => {
    const nightly = cron("30 2 * * *", "Europe/Berlin");
    expect(nextTimes("acme", nightly, at("2026-03-28T12:00:00Z"), 2).map(iso)).toEqual([
      "2026-03-29T01:00:00.000Z",
      "2026-03-30T00:30:00.000Z",
    ]);
    expect(nextTimes("acme", nightly, at("2026-10-24T12:00:00Z"), 2).map(iso)).toEqual([
      "2026-10-25T00:30:00.000Z",
      "2026-10-26T01:30:00.000Z",
    ]);
  });

  it("goes on every half hour through both", () => {
    const half = cron("*/30 * * * *", "Europe/Berlin");
    for (const night of ["2026-03-28T23:45:00Z", "2026-10-24T23:45:00Z"]) {
      const times = nextTimes("acme", half, at(night), 8);
      const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(new Set(steps)).toEqual(new Set([1_800_000]));
    }
  });

  it("has one time for all that were missed, with its own second in the span", () => {
    const hourly = cron("0 * * * *");
    expect(
      iso(latestTime("acme", hourly, at("2026-11-22T01:00:00Z"), at("2026-11-22T09:20:00Z"))),
    ).toBe("2026-11-22T09:00:00.000Z");
    expect(
      iso(latestTime("acme", hourly, at("2026-11-22T08:59:59Z"), at("2026-11-22T09:00:00Z"))),
    ).toBe("2026-11-22T09:00:00.000Z");
    expect(
      latestTime("acme", hourly, at("2026-11-22T09:00:00Z"), at("2026-11-22T09:59:59.999Z")),
    ).toBeNull();
    expect(
      latestTime("acme", cron("0 0 1 1 *"), at("2026-11-22T09:00:00Z"), at("2026-11-23T00:00:00Z")),
    ).toBeNull();
  });

  it.each(["30 5 * * *", "0 6-20/2 * * 1-5"])("%j is one", (expression) => {
    expect(cronProblem(expression, "Europe/Berlin", at("2026-11-22T00:00:00Z"))).toBeNull();
  });

  it.each([
    ["", /five fields/],
    ["* * *", /five fields/],
    ["0 0 0 * * *", /five fields/],
    ["61 * * * *", /minute/],
    ["a b c d e", /illegal/],
    ["0 0 31 2 *", /never/],
  ])("%j is none, and the words say why", (expression, problem) => {
    expect(cronProblem(expression, "Europe/Berlin", at("2026-11-22T00:00:00Z"))).toMatch(problem);
  });
});

it("says a schedule in words", () => {
  expect([15, 60, 120, 1440, 90].map((minutes) => scheduleWords(every(minutes)))).toEqual([
    "every 15 min",
    "every hour",
    "every 2 h",
    "every day",
    "every 90 min",
  ]);
  expect(scheduleWords(cron("30 5 * * *", "Europe/Berlin"))).toBe("30 5 * * *, Berlin time");
});
