import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Variant, runCase } from "@/server/cli/conformance/run-case";

import { conformanceCases } from "./support/conformance-cases";
import { LoadBench, inLanes } from "./support/load";

const cases = conformanceCases();

/** More ways of delivery (other orders, twice over) are for `avesa conformance CASES.json --orders N`. */
const VARIANTS: readonly Variant[] = [{ kind: "listed" }, { kind: "bulk" }];
const LANES = 4;

describe.skipIf(!cases)(
  `the engine passes the conformance cases${cases ? "" : " (skipped: no conformance cases)"}`,
  () => {
    let bench: LoadBench;

    beforeAll(async () => {
      bench = await LoadBench.open();
    });
    afterAll(async () => bench.close());

    it("as listed and as one bulk load", { timeout: 600_000 }, async () => {
      const work = (cases ?? []).flatMap((testCase, index) =>
        VARIANTS.map((variant, number) => ({
          testCase,
          variant,
          name: `case-${index + 1}-${number + 1}`,
        })),
      );
      const failures: string[] = [];
      await inLanes(LANES, work, async ({ testCase, variant, name }) => {
        const differences = await runCase(bench.context, bench.storeDir, testCase, variant, name);
        if (differences.length === 0) return;
        failures.push(`${testCase.id} (${variant.kind}):\n  ${differences.join("\n  ")}`);
      });
      expect(failures.join("\n")).toBe("");
    });
  },
);
