import { main as runBench } from "@/bench/main";

import { defineVerb } from "./verb";

export const verb = defineVerb({
  name: "bench",
  summary: "Measure the engine against what it is compared with, on this machine",
  flags: {
    json: { type: "boolean", help: "Print one JSON object" },
    rows: { type: "string", value: "N", help: "Rows of the bulk loads (default: 1000000)" },
    rounds: { type: "string", value: "N", help: "Measurements of each (default: 5)" },
    only: { type: "string", value: "NAME", help: "Only this one: bulk" },
  },
  run: async (context) => runBench(context),
});
