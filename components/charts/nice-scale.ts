/**
 * Round ticks from zero to at least the highest value.
 * @param highest the highest value to be shown
 * @param most how many ticks above zero there may be at most
 * @param steps the round figures of one decade
 * @returns ticks from zero upwards; the last is the top of the axis
 */
export function niceTicks(
  highest: number,
  most = 3,
  steps: readonly number[] = [1, 2, 2.5, 5],
): number[] {
  if (!(highest > 0)) return [0, 1];
  const rough = highest / most;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step =
    [...steps, 10]
      .map((figure) => figure * decade)
      .find((candidate) => candidate >= rough * 0.999) ?? 10 * decade;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

const AGE_STEPS = [
  60, 300, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 172_800, 604_800,
] as const;

/** The same for ages in seconds: minutes, quarters, hours, days. */
export function niceAgeTicks(highestSeconds: number, most = 3): number[] {
  const step =
    AGE_STEPS.find((candidate) => highestSeconds / candidate <= most) ??
    Math.ceil(highestSeconds / most / 604_800) * 604_800;
  const count = Math.max(1, Math.ceil(highestSeconds / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}
