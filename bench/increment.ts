import type { Bench, Benchmark } from "./benchmark";
import {
  type LargeTenant,
  atRest,
  landIncrement,
  makeLargeTenant,
  timeIncrement,
} from "./large-tenant";
import { load, offboard } from "./loads";
import { type Measured, inTurns, ratioOf, scaled, time } from "./measure";
import { clearDbt, dropDbt, fillDbt, runDbt } from "./peers/dbt";
import { dropDlt, fillDlt, runDlt } from "./peers/dlt";
import { stageInput } from "./peers/input";
import { VERSIONS_EACH, makeTenMillion, measureReads } from "./ten-million";

/**
 * Increments through the runner, from the file to the verified history, beside statements shaped like those of two peers on
 * plain tables with the same versions; and how our time grows with the table and with the length of histories.
 */
export const increment: Benchmark = {
  name: "increment",
  async run(bench) {
    const { rows } = bench;
    const large = await makeTenMillion(bench);
    const tenth = await makeLargeTenant(bench, Math.max(2, Math.floor(rows / 10)), VERSIONS_EACH);
    const young = await makeLargeTenant(bench, rows, 1);
    bench.say("filling the peers' tables");
    await fillDbt(bench.db, large.tenantId);
    await fillDlt(bench.db, large.tenantId);
    await atRest(bench);

    const { ours, tenthOurs, youngOurs, dbt, dlt } = await compare(bench, large, tenth, young);
    await dropDbt(bench.db);
    await dropDlt(bench.db);
    // For the benchmarks of reads, which would make the same tenant again.
    await measureReads(bench, large);
    for (const { tenantId } of [large, tenth, young]) {
      await offboard(bench.db, bench.store, tenantId);
    }
    return {
      "increment.timesFasterThanDbt": ratioOf(dbt, ours),
      "increment.timesFasterThanDlt": ratioOf(dlt, ours),
      "increment.seconds": scaled(ours, 1 / 1000),
      "increment.growthFor10xTable": ratioOf(ours, tenthOurs),
      "increment.growthFor10xHistory": ratioOf(ours, youngOurs),
    };
  },
};

/** Rounds of one increment each; the first is not counted. */
async function compare(
  bench: Bench,
  large: LargeTenant,
  tenth: LargeTenant,
  young: LargeTenant,
): Promise<Record<"ours" | "tenthOurs" | "youngOurs" | "dbt" | "dlt", Measured>> {
  const { db, runs, rounds } = bench;
  let round = 0;
  const ours = async (): Promise<number> => {
    const path = await landIncrement(bench, large, round);
    await stageInput(db, path);
    await atRest(bench);
    return time(() => load(runs, large.tenantId, "incremental"));
  };
  const ofOthers = (tenant: LargeTenant) => async (): Promise<number> => {
    await atRest(bench);
    return timeIncrement(bench, tenant, round);
  };
  const dbt = async (): Promise<number> => {
    await clearDbt(db);
    await atRest(bench);
    return time(() => runDbt(db));
  };
  const dlt = async (): Promise<number> => {
    await atRest(bench);
    const ms = await time(() => runDlt(db));
    round += 1;
    return ms;
  };
  const ways = [ours, ofOthers(tenth), ofOthers(young), dbt, dlt];
  bench.say("increments, ours and those shaped like dbt's and dlt's, in turns");
  await inTurns(1, ways);
  const [one, two, three, four, five] = await inTurns(rounds, ways);
  if (!one || !two || !three || !four || !five) throw new Error("nothing was measured");
  return { ours: one, tenthOurs: two, youngOurs: three, dbt: four, dlt: five };
}
