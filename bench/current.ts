import type { Benchmark } from "./benchmark";
import { readsAtTenMillion } from "./ten-million";

/** An aggregate over a tenant's current rows, by the view that applications use, beside one over a plain table. */
export const current: Benchmark = {
  name: "current",
  run: async (bench) => (await readsAtTenMillion(bench)).current,
};
