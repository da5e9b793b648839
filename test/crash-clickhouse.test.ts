import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { processExists } from "@/server/clickhouse/embedded/holder";
import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";
import { executeRun } from "@/server/runs/execute-run";

import { atMoment } from "./support/at-moment";
import { type TestDb, ownClickHouse } from "./support/clickhouse";
import { GREEN, STATEMENTS, Twins, boundaries, leftovers } from "./support/crash";
import { LoadBench } from "./support/load";
import { until } from "./support/until";

let clickHouse: TestDb;
let bench: LoadBench;

beforeAll(async () => {
  clickHouse = await ownClickHouse();
  bench = await LoadBench.open({ clickHouse });
});

afterAll(async () => bench.close());

async function killClickHouse(): Promise<void> {
  const state = await readServerState(serverDir(clickHouse.dataDir));
  if (state === undefined) throw new Error("No ClickHouse is there to be killed.");
  process.kill(state.pid, "SIGKILL");
  await until("ClickHouse is gone", () => !processExists(state.pid));
}

describe.each(["incremental", "bulk"] as const)("kill -9 of ClickHouse, %s", (mode) => {
  let twins: Twins;

  beforeAll(async () => {
    twins = await Twins.of(bench, mode === "bulk" ? 21 : 22);
  });

  it.each([
    ...boundaries(mode),
    ...STATEMENTS.map((moment) => [`in the middle of ${moment.statement}`, moment] as const),
  ])("%s", async (_where, moment) => {
    const rows = moment.when === "during" ? 1_000 : 40;
    await twins.land(rows, moment.statement === "insert.extracts");
    const runId = await twins.begin(mode);
    let kills = 0;
    const db = atMoment(bench.db, moment, async () => {
      kills += 1;
      await killClickHouse();
    });
    expect(await executeRun({ ...bench.context, db }, runId)).toEqual({ status: "succeeded" });
    expect(kills).toBe(1);

    const { disturbed, calm } = await twins.outcomes(mode, runId);
    expect(disturbed).toMatchObject(GREEN);
    expect(disturbed).toEqual(calm);
    expect(await leftovers(bench)).toEqual([]);
  });
});
