import { type Random, seededRandom } from "@/server/demo/random";
import type { RunContext } from "@/server/runs/run-context";

import type { ConformanceCase } from "./conformance-case";
import { type Land, type Variant, runCase } from "./run-case";

export interface ConformanceOptions {
  /** Further orders of processing per case, beside the listed one; 0 leaves out `twice` and `bulk` too. */
  readonly orders: number;
  readonly seed?: number;
  /** Cases at once. */
  readonly lanes?: number;
  /** Told of each case that failed, and how. */
  readonly onFailure: (caseId: string, variant: string, differences: readonly string[]) => void;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Runs every case as listed, and with `orders` > 0 in so many other orders, twice over, and as one bulk load.
 *
 * @param land lands objects in the context's store
 * @returns cases that passed in every way, and cases that did not
 */
export async function runConformance(
  context: RunContext,
  land: Land,
  cases: readonly ConformanceCase[],
  options: ConformanceOptions,
): Promise<{ passed: number; failed: number }> {
  const random = seededRandom(options.seed ?? 1);
  const work = cases.map((testCase, index) => ({
    testCase,
    index,
    variants: variantsOf(testCase, options.orders, random),
  }));
  let done = 0;
  let failed = 0;
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = work[next++]; item !== undefined; item = work[next++]) {
      const { testCase, index, variants } = item;
      let isRight = true;
      for (const [number, variant] of variants.entries()) {
        const name = `case-${index + 1}-${number + 1}`;
        const differences = await runCase(context, land, testCase, variant, name);
        if (differences.length === 0) continue;
        isRight = false;
        const how = variant.kind === "order" ? `order ${variant.order.join(" ")}` : variant.kind;
        options.onFailure(testCase.id, how, differences);
      }
      if (!isRight) failed += 1;
      done += 1;
      options.onProgress?.(done, work.length);
    }
  };
  await Promise.all(Array.from({ length: options.lanes ?? 4 }, lane));
  return { passed: cases.length - failed, failed };
}

function variantsOf(testCase: ConformanceCase, orders: number, random: Random): Variant[] {
  const listed: Variant = { kind: "listed" };
  if (orders === 0) return [listed];
  const seen = new Set([testCase.batches.map((_, index) => index).join(" ")]);
  const others: Variant[] = [];
  // A case of few batches has few orders; looking for more of them ends after some tries.
  for (let tries = 0; others.length < orders && tries < orders * 10; tries++) {
    const order = random.shuffle(testCase.batches.map((_, index) => index));
    if (seen.has(order.join(" "))) continue;
    seen.add(order.join(" "));
    others.push({ kind: "order", order });
  }
  return [listed, ...others, { kind: "twice" }, { kind: "bulk" }];
}
