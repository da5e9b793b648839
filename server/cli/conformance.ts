import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { LocalStore } from "@/server/canonical/local-store";
import { closeDb } from "@/server/clickhouse/client";
import { env, overrideEnv } from "@/server/env";
import { stopHeartbeat } from "@/server/runs/lease";
import { runContext } from "@/server/runs/run-context";

import { parseCases } from "./conformance/conformance-case";
import { runConformance } from "./conformance/run-conformance";
import { openForVerb } from "./open-for-verb";
import { UsageError, defineVerb } from "./verb";

const SHOWN = 20;

export const verb = defineVerb({
  name: "conformance",
  summary: "Run conformance cases through the real engine",
  description:
    "Objects in a store, real runs, the exported history compared. Works in a data directory of its own that is gone\n" +
    "afterwards. Prints the cases that fail with a diff, then `N passed, M failed`.",
  arguments: ["CASES.json"],
  flags: {
    orders: {
      type: "string",
      value: "N",
      help: "Also in N other orders of processing, twice over, and as one bulk load",
    },
    seed: { type: "string", value: "N", help: "Seed of the other orders (default: 1)" },
    lanes: { type: "string", value: "N", help: "Cases at once (default: 4)" },
  },
  async run(context) {
    const [file] = context.positionals;
    const cases = parseCases(await readFile(file ?? "", "utf8"));
    const directory = await mkdtemp(join(tmpdir(), "avesa-conformance-"));
    overrideEnv({ DATA_DIR: directory, CANONICAL_STORE: join(directory, "canonical") });
    try {
      const db = await openForVerb(context, "avesa conformance");
      const store = env().CANONICAL_STORE;
      const { passed, failed } = await runConformance(
        runContext(db, new LocalStore(store)),
        async (key, body) => {
          const file = join(store, key);
          await mkdir(dirname(file), { recursive: true });
          await writeFile(file, body);
        },
        cases,
        {
          orders: wholeNumber(context.flags.orders, "orders", 0),
          seed: wholeNumber(context.flags.seed, "seed", 1),
          lanes: Math.max(1, wholeNumber(context.flags.lanes, "lanes", 4)),
          onFailure: (id, how, differences) => {
            context.print(`${id} (${how})`);
            for (const line of differences.slice(0, SHOWN)) context.print(`  ${line}`);
            if (differences.length > SHOWN) {
              context.print(`  and ${differences.length - SHOWN} more`);
            }
          },
          onProgress: (done, of) => {
            if (done % 10 === 0 || done === of) context.say(`${done} of ${of} cases`);
          },
        },
      );
      context.print(`${passed} passed, ${failed} failed`);
      return failed === 0 ? 0 : 1;
    } finally {
      stopHeartbeat();
      await closeDb();
      await rm(directory, { recursive: true, force: true });
    }
  },
});

function wholeNumber(text: string | undefined, flag: string, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d+$/.test(text)) throw new UsageError(`--${flag} must be a whole number.`, "conformance");
  return Number(text);
}
