import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Variant, runCase } from "@/server/cli/conformance/run-case";

import { conformanceCases } from "./support/conformance-cases";
import { LoadBench, inLanes } from "./support/load";
import { STORE_KINDS, type StoreKind } from "./support/store-fixture";

const cases = conformanceCases();

/** More ways of delivery (other orders, twice over) are for `avesa conformance CASES.json --orders N`. */
const VARIANTS: readonly Variant[] = [{ kind: "listed" }, { kind: "bulk" }];
/** From S3 some of them: only the reading of objects differs, and other tests say how that ends. */
const EVERY: Readonly<Record<StoreKind, number>> = { directory: 1, s3: 31 };
const LANES = 4;

describe.skipIf(!cases).each(STORE_KINDS)(
  `the engine passes the conformance cases${cases ? "" : " (skipped: no conformance cases)"}, store: %s`,
  (kind) => {
    let bench: LoadBench;

    beforeAll(async () => {
      bench = await LoadBench.open({ kind });
    });
    afterAll(async () => bench.close());

    it("as listed and as one bulk load", { timeout: 600_000 }, async () => {
      const work = (cases ?? []).flatMap((testCase, index) =>
        VARIANTS.map((variant, number) => ({
          testCase,
          variant,
          name: `case-${index + 1}-${number + 1}`,
          isEven: index % 2 === 0,
        })),
      );
      const failures: string[] = [];
      const land = (key: string, body: string): Promise<void> =>
        bench.objects.put(key, Buffer.from(body));
      const chosen = work.filter((_, index) => index % EVERY[kind] === 0);
      await inLanes(LANES, chosen, async ({ testCase, variant, name, isEven }) => {
        // Histories are small here; every second case is loaded as those with many versions are.
        const context = isEven ? { ...bench.context, manyVersions: 0 } : bench.context;
        const differences = await runCase(context, land, testCase, variant, name);
        if (differences.length === 0) return;
        failures.push(`${testCase.id} (${variant.kind}):\n  ${differences.join("\n  ")}`);
      });
      expect(failures.join("\n")).toBe("");
    });
  },
);
