import { main as runBench } from "@/bench/main";

import { defineVerb } from "./verb";

export const verb = defineVerb({
  name: "bench",
  summary: "Measure the engine against what it is compared with, on this machine",
  flags: {
    json: { type: "boolean", help: "Print one JSON object" },
    rows: {
      type: "string",
      value: "N",
      help: "What is called a million rows (default: 1000000)",
    },
    rounds: { type: "string", value: "N", help: "Measurements of each (default: 5)" },
    only: {
      type: "string",
      multiple: true,
      value: "NAME",
      help: "Only this benchmark: bulk, increment, … (may be repeated)",
    },
    check: {
      type: "boolean",
      help: "Exit with 1 where a ratio is worse than bench/baseline.json by more than the noise",
    },
    "write-baseline": {
      type: "boolean",
      help: "Write the measured ratios into bench/baseline.json",
    },
  },
  run: async (context) => runBench(context),
});
