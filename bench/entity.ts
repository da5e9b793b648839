import type { Benchmark } from "./benchmark";
import { readsAtTenMillion } from "./ten-million";

/** One record's whole timeline, by the function behind the API's route. */
export const entity: Benchmark = {
  name: "entity",
  run: async (bench) => (await readsAtTenMillion(bench)).entity,
};
