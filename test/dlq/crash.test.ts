import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { requestCancel, findRun } from "@/server/runs/run-store";
import { summarizeRun } from "@/server/runs/run-summary";
import { recoverRuns } from "@/server/runs/worker";

import type { Moment } from "../support/at-moment";
import { endOf, leftovers, runInProcess } from "../support/crash";
import { LoadBench, balances } from "../support/load";
import { DlqTenant, ticket } from "./dlq-bench";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

async function withRejects(): Promise<{ tenant: DlqTenant; ids: string[] }> {
  const tenant = await DlqTenant.of(bench);
  await tenant.land("a-20240601T000000Z-1.ndjson", [
    ticket("T1", "2024-05-01", "new"),
    ticket("T1", "2024-05-02", "open", { budget_hours: "?" }),
    ticket("T1", "2024-05-03", "done"),
    ticket("T2", "2024-05-01", null, { budget_hours: "?" }),
  ]);
  await tenant.load();
  return { tenant, ids: (await tenant.letters("open")).map((letter) => letter.id) };
}

const MEND = { budget_hours: null };
const MOMENTS: readonly (readonly [string, Moment])[] = [
  ["between log and history", { statement: "scd2.publish.incremental", nth: 2, when: "before" }],
  ["before its dead letters", { statement: "scd2.replay.close", when: "before" }],
];

describe("kill -9 of the process of a replay", () => {
  it.each(MOMENTS)("%s: it goes on, and all is as if nothing had been", async (_where, moment) => {
    const { tenant, ids } = await withRejects();
    const { runId } = await tenant.queue(ids, MEND);
    const child = runInProcess(bench, runId ?? "", moment);
    expect(await endOf(child)).toMatchObject({ signal: "SIGKILL" });
    await recoverRuns(bench.context, tenant.tenantId);
    const summary = await summarizeRun(bench.db, runId ?? "");
    expect(summary).toMatchObject({ status: "succeeded", read: 2, changed: 1, rejected: 1 });
    expect(balances(summary)).toBe(true);
    expect(await tenant.letters()).toMatchObject([
      { status: "replayed", replays: 1 },
      { status: "open", replays: 1, attempts: 2 },
    ]);
    const history = await tenant.history();
    expect(history.map((row) => row["status"])).toEqual(["new", "open", "done"]);
    expect(await tenant.complaints()).toEqual([]);
    expect(await leftovers(bench)).toEqual([]);
    await tenant.load("bulk");
    expect(await tenant.history()).toEqual(history);
  });

  it("just before its publish, and then cancelled: its mends are no mends", async () => {
    const { tenant, ids } = await withRejects();
    const { runId } = await tenant.queue(ids, MEND);
    const moment = { statement: "scd2.publish.incremental", when: "before" } as const;
    expect(await endOf(runInProcess(bench, runId ?? "", moment))).toMatchObject({
      signal: "SIGKILL",
    });
    const run = await findRun(bench.db, runId ?? "");
    if (run === undefined) throw new Error("The run is gone.");
    await requestCancel(bench.db, run, "ann");
    await recoverRuns(bench.context, tenant.tenantId);
    expect((await findRun(bench.db, run.run_id))?.status).toBe("cancelled");
    expect(await tenant.load("bulk")).toMatchObject({ read: 4, rejected: 2 });
    expect(await tenant.history()).toHaveLength(2);
    expect(await tenant.letters("open")).toHaveLength(2);
  });
});
