import type { Benchmark } from "./benchmark";
import { bulk } from "./bulk";
import { compression } from "./compression";
import { consolePages } from "./console";
import { concurrency } from "./concurrency";
import { current } from "./current";
import { entity } from "./entity";
import { freshness } from "./freshness";
import { increment } from "./increment";
import { soak } from "./soak";
import { memory } from "./memory";
import { tenants } from "./tenants";

/** All of them, in the order in which they run. */
export const BENCHMARKS: readonly Benchmark[] = [
  bulk,
  increment,
  current,
  entity,
  tenants,
  freshness,
  soak,
  concurrency,
  memory,
  compression,
  consolePages,
];
