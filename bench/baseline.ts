import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { env } from "@/server/env";

import { FIGURES, type FigureKey, type Readings, figureKind } from "./figures";

const FILE = "bench/baseline.json";

const Baseline = z.object({
  machine: z.string(),
  /** By figure: the ratio, and by which share of it a run may be worse for noise alone. */
  ratios: z.partialRecord(
    z.enum(Object.keys(FIGURES) as [FigureKey, ...FigureKey[]]),
    z.object({ value: z.number(), noise: z.number() }),
  ),
});
export type Baseline = z.infer<typeof Baseline>;

/** The least noise that is allowed for, as a share. */
const LEAST_NOISE = 0.1;

/** @throws where the file is not what it should be */
export async function readBaseline(): Promise<Baseline> {
  return Baseline.parse(JSON.parse(await readFile(join(env().AVESA_ROOT, FILE), "utf8")));
}

/** Writes the guarded ratios of these readings over those of the file; others stay. */
export async function writeBaseline(machine: string, readings: Readings): Promise<void> {
  const { ratios } = await readBaseline();
  for (const [key, value, noise] of guarded(readings)) ratios[key] = { value, noise };
  await writeFile(
    join(env().AVESA_ROOT, FILE),
    `${JSON.stringify({ machine, ratios }, null, 2)}\n`,
  );
}

/** What a run says of one guarded ratio. */
export interface Regression {
  readonly key: FigureKey;
  readonly was: number;
  readonly is: number;
  /** The share by which it may be worse: the greater noise of the baseline and of this run. */
  readonly noise: number;
}

/** The ratios that got worse by more than the noise. */
export function findRegressions(baseline: Baseline, readings: Readings): Regression[] {
  return guarded(readings).flatMap(([key, is, ownNoise]) => {
    const known = baseline.ratios[key];
    if (known === undefined) return [];
    const noise = Math.max(known.noise, ownNoise);
    const worse =
      figureKind(key).guarded === "lower"
        ? is > known.value * (1 + noise)
        : is < known.value / (1 + noise);
    return worse ? [{ key, was: known.value, is, noise }] : [];
  });
}

/** The guarded figures of a run: key, value, and half their spread as a share of the value. */
function guarded(readings: Readings): [FigureKey, number, number][] {
  return (Object.keys(readings) as FigureKey[]).flatMap((key) => {
    const reading = readings[key];
    if (figureKind(key).guarded === undefined || reading?.value == null) return [];
    const { value, least = value, most = value } = reading;
    const noise = value === 0 ? LEAST_NOISE : (most - least) / 2 / value;
    return [[key, round(value), round(Math.max(LEAST_NOISE, noise))]];
  });
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
