import { type FigureKey, type Reading, type Readings, figureKind, reachesGoal } from "./figures";

/** The readings as one object: `{ benchmark: { figure: value, spread: { figure: [least, most] } } }`. */
export function toJson(readings: Readings): Record<string, Record<string, unknown>> {
  const result: Record<string, Record<string, unknown>> = {};
  for (const [key, reading] of entries(readings)) {
    const [benchmark = "", figure = ""] = key.split(".");
    const group = (result[benchmark] ??= {});
    group[figure] = reading.value === null ? null : round(reading.value);
    if (reading.least === undefined || reading.most === undefined) continue;
    const spread = (group["spread"] ??= {}) as Record<string, [number, number]>;
    spread[figure] = [round(reading.least), round(reading.most)];
  }
  return result;
}

/** The readings as lines of a table: figure, value and spread, goal, what it is. */
export function toLines(readings: Readings): string[] {
  const rows = entries(readings).map(([key, reading]) => {
    const { about, unit } = figureKind(key);
    const spread =
      reading.least === undefined || reading.most === undefined
        ? ""
        : `(${show(reading.least)} to ${show(reading.most)})`;
    const value = reading.value === null ? "not measured" : `${show(reading.value)} ${unit}`.trim();
    return [key, value, spread, verdict(key, reading), about];
  });
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(0, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function verdict(key: FigureKey, reading: Reading): string {
  const { goal } = figureKind(key);
  if (goal === undefined) return "";
  const bound =
    "atMost" in goal ? `goal at most ${show(goal.atMost)}` : `goal at least ${show(goal.atLeast)}`;
  const isReached = reachesGoal(key, reading);
  return isReached === undefined ? bound : `${bound}: ${isReached ? "reached" : "MISSED"}`;
}

function entries(readings: Readings): [FigureKey, Reading][] {
  return Object.entries(readings) as [FigureKey, Reading][];
}

function show(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0);
  return Math.abs(value) >= 100 ? value.toFixed(1) : value.toFixed(2);
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}
