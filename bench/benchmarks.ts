import type { Benchmark } from "./benchmark";
import { bulk } from "./bulk";

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [bulk];
