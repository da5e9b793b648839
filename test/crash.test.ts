import { spawn } from "node:child_process";

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { findRun } from "@/server/runs/run-store";
import { summarizeRun } from "@/server/runs/run-summary";
import { startRun } from "@/server/runs/start-run";
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
import { until } from "./support/until";

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
    const rows = moment.when === "during" ? 1_000 : 40;
    await twins.land(rows, moment.statement === "insert.extracts");
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

it("kill -9 with several tables at work: each is done once and whole", async () => {
  const tenantId = await bench.tenant();
  await bench.land(tenantId, "tickets", "changes-20240701T000000Z-1.ndjson", [
    { ticket_id: "T1", status: "open", last_updated: "2024-06-01" },
  ]);
  await bench.land(tenantId, "contacts", "changes-20240701T000000Z-1.ndjson", [
    { contact_id: "P1", company_id: "C1", last_updated: "2024-06-01" },
  ]);
  await bench.land(tenantId, "companies", "changes-20240701T000000Z-1.ndjson", [
    { company_id: "C1", company_name: "Acme", status: "active", last_updated: "2024-06-01" },
  ]);
  const tables = ["tickets", "contacts", "companies"];
  const { runId } = await startRun(bench.db, {
    tenantId,
    mode: "incremental",
    tables,
    trigger: "cli",
    requestedBy: "test",
  });
  const moment = { statement: "scd2.count", nth: 3, when: "before" } as const;
  expect((await endOf(runInProcess(bench, runId, moment))).signal).toBe("SIGKILL");

  await recoverRuns(bench.context, tenantId);
  expect(await summarizeRun(bench.db, runId)).toMatchObject({
    status: "succeeded",
    read: 3,
    new: 3,
    versions: 3,
    current: 3,
  });
  for (const table of tables) expect(await bench.history(tenantId, table)).toHaveLength(1);
  expect(await leftovers(bench)).toEqual([]);
});

it("kill -9 after an object had failed: the run is no greener for it", async () => {
  const tenantId = await bench.tenant();
  await bench.land(tenantId, "tickets", "changes-20240701T000000Z-1.parquet", "no parquet at all");
  await bench.land(tenantId, "tickets", "changes-20240701T000000Z-2.ndjson", [
    { ticket_id: "T1", status: "open", last_updated: "2024-06-01" },
  ]);
  const { runId } = await startRun(bench.db, {
    tenantId,
    mode: "incremental",
    tables: ["tickets"],
    trigger: "cli",
    requestedBy: "test",
  });
  const moment = { statement: "scd2.invariants", when: "before" } as const;
  expect((await endOf(runInProcess(bench, runId, moment))).signal).toBe("SIGKILL");

  await recoverRuns(bench.context, tenantId);
  expect(await summarizeRun(bench.db, runId)).toMatchObject({ status: "partial", new: 1 });
  expect((await findRun(bench.db, runId))?.error).toContain("1 object could not be taken in");
});

it(
  "kill -9 of the command line: the next load goes on with the run",
  { timeout: 150_000 },
  async () => {
    const twins = await Twins.of(bench, 13);
    await twins.land(5_000);
    const begin = (): ReturnType<typeof spawn> =>
      spawn(
        process.execPath,
        [
          "scripts/avesa.mjs",
          "load",
          "--tenant",
          twins.disturbed,
          "--table",
          "tickets",
          "--mode",
          "bulk",
          // Both twins have been loaded before.
          "--approve",
          "--data",
          inject("dataDir"),
          "--store",
          bench.storeDir,
        ],
        {
          stdio: ["ignore", "pipe", "inherit"],
          env: { ...process.env, CLICKHOUSE_DATABASE: bench.db.database },
        },
      );
    const killed = begin();
    const killedEnd = endOf(killed);
    await until(
      "the run is at work",
      async () => (await leftovers(bench)).some((name) => name.endsWith("_stage")),
      60_000,
    );
    killed.kill("SIGKILL");
    expect((await killedEnd).signal).toBe("SIGKILL");

    const { said } = await endOf(begin());
    const line = JSON.parse(said.split("\n").at(-1) ?? "") as { run_id: string; status: string };
    expect(line.status).toBe("succeeded");
    const { disturbed, calm } = await twins.outcomes("bulk", line.run_id);
    expect(disturbed).toMatchObject(GREEN);
    expect(disturbed.history).toEqual(calm.history);
    expect(disturbed.ledger).toEqual(calm.ledger);
    expect(await leftovers(bench)).toEqual([]);
  },
);
