import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findRun } from "@/server/runs/run-store";
import { recoverRuns } from "@/server/runs/worker";

import {
  GREEN,
  STATEMENTS,
  Twins,
  boundaries,
  endOf,
  leftovers,
  runInProcess,
} from "./support/crash";
import { LoadBench } from "./support/load";

let bench: LoadBench;

beforeAll(async () => {
  bench = await LoadBench.open();
});

afterAll(async () => bench.close());

describe.each(["incremental", "bulk"] as const)("kill -9 of the process of a run, %s", (mode) => {
  let twins: Twins;

  beforeAll(async () => {
    twins = await Twins.of(bench, mode === "bulk" ? 11 : 12);
  });

  it.each([
    ...boundaries(mode),
    ...STATEMENTS.map((moment) => [`in the middle of ${moment.statement}`, moment] as const),
  ])("%s", async (_where, moment) => {
    await twins.land(moment.when === "during" ? 1_000 : 40);
    const runId = await twins.begin(mode);
    expect(await endOf(runInProcess(bench, runId, moment))).toEqual({
      said: "",
      signal: "SIGKILL",
    });
    expect((await findRun(bench.db, runId))?.status).toBe("running");

    await recoverRuns(bench.context, twins.disturbed);
    const { disturbed, calm } = await twins.outcomes(mode, runId);
    expect(disturbed).toMatchObject(GREEN);
    expect(disturbed).toEqual(calm);
    expect(await leftovers(bench)).toEqual([]);
  });
});
