import { afterAll, beforeAll, expect, it, vi } from "vitest";

// Five processes of their own a test: a busy machine takes its time.
vi.setConfig({ testTimeout: 180_000 });

import { decidePlans } from "@/server/plans/decide-plans";
import { findPlans } from "@/server/plans/plan-store";
import { findRun } from "@/server/runs/run-store";
import { startRun } from "@/server/runs/start-run";
import { recoverRuns } from "@/server/runs/worker";

import type { Moment } from "./support/at-moment";
import { endOf, leftovers, runInProcess } from "./support/crash";
import { type HistoryRow, LoadBench } from "./support/load";

const TABLE = "tickets";
let bench: LoadBench;
let expected: HistoryRow[];

beforeAll(async () => {
  bench = await LoadBench.open();
  const tenantId = await withObjects();
  await bench.load(tenantId, TABLE);
  expected = await bench.history(tenantId, TABLE);
});
afterAll(async () => {
  await bench.close();
});

/** A tenant with a history, and a second object that waits in the store. */
async function withObjects(): Promise<string> {
  const tenantId = await bench.tenant();
  await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", [
    { ticket_id: "T1", status: "open", last_updated: "2024-01-01" },
    { ticket_id: "T2", status: "open", last_updated: "2024-01-01" },
  ]);
  await bench.load(tenantId, TABLE);
  await bench.land(tenantId, TABLE, "b-20240202T000000Z-1.ndjson", [
    { ticket_id: "T1", status: "closed", last_updated: "2024-01-05" },
    { ticket_id: "T2", last_updated: "2024-01-06", _deleted: true },
    { ticket_id: "T3", status: "new", last_updated: "2024-01-07" },
    { ticket_id: "T1", status: "held", last_updated: "2024-01-03" },
  ]);
  return tenantId;
}

async function killedAt(runId: string, moment: Moment): Promise<void> {
  expect((await endOf(runInProcess(bench, runId, moment))).signal).toBe("SIGKILL");
}

async function begin(tenantId: string): Promise<string> {
  const { runId } = await startRun(bench.db, {
    tenantId,
    mode: "incremental",
    tables: [TABLE],
    trigger: "cli",
    requestedBy: "test",
    planRule: "always",
  });
  return runId;
}

async function apply(runId: string): Promise<void> {
  await decidePlans(bench.context, { runId, decision: "apply", by: "marta", reason: "" });
}

async function statusOf(runId: string): Promise<string | undefined> {
  return (await findRun(bench.db, runId))?.status;
}

async function expectApplied(tenantId: string, runId: string): Promise<void> {
  expect(await statusOf(runId)).toBe("succeeded");
  expect(await bench.history(tenantId, TABLE)).toEqual(
    expected.map((row) => ("tenant_id" in row ? { ...row, tenant_id: tenantId } : row)),
  );
  expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
  expect(await leftovers(bench)).toEqual([]);
}

const before = (statement: string, nth = 1): Moment => ({ statement, nth, when: "before" });

it.each([
  ["before its plan is kept", before("insert.plans"), before("plans.take-staging", 2)],
  ["behind its plan", before("lease.release"), before("scd2.publish.incremental", 2)],
])(
  "kill -9 %s, and again while it is applied: published once, as planned",
  async (_, first, second) => {
    const tenantId = await withObjects();
    const runId = await begin(tenantId);
    await killedAt(runId, first);
    await recoverRuns(bench.context, tenantId);
    expect(await statusOf(runId)).toBe("waiting_approval");
    expect((await findPlans(bench.db, runId)).map(({ status }) => status)).toEqual(["waiting"]);

    await apply(runId);
    await killedAt(runId, second);
    await recoverRuns(bench.context, tenantId);
    await expectApplied(tenantId, runId);
  },
);

it("kill -9 in the middle of its publish, and another run in between: nothing is lost, nothing counted twice", async () => {
  const tenantId = await withObjects();
  const runId = await begin(tenantId);
  await recoverRuns(bench.context, tenantId);
  await apply(runId);
  await killedAt(runId, before("scd2.publish.incremental", 2));
  expect((await bench.load(tenantId, TABLE)).status).toBe("succeeded");
  await recoverRuns(bench.context, tenantId);
  await expectApplied(tenantId, runId);
});
