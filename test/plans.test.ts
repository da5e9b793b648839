import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { decidePlans } from "@/server/plans/decide-plans";
import { expirePlans } from "@/server/plans/expire-plans";
import { type Plan, findPlans, writePlan } from "@/server/plans/plan-store";
import { executeRun } from "@/server/runs/execute-run";
import { clearLeftovers } from "@/server/runs/lease";
import { findRun } from "@/server/runs/run-store";
import { summarizeRun } from "@/server/runs/run-summary";
import { startRun } from "@/server/runs/start-run";
import { recoverRuns } from "@/server/runs/worker";
import { cancelRun } from "@/server/runs/cancel-run";

import { leftovers } from "./support/crash";
import { LoadBench } from "./support/load";

const TABLE = "tickets";
let bench: LoadBench;

beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => {
  await bench.close();
});

function ticket(id: number, day: number, status: string): Record<string, unknown> {
  return {
    ticket_id: `T${id}`,
    status,
    summary: `ticket ${id}`,
    last_updated: new Date(Date.UTC(2024, 0, day)).toISOString(),
  };
}

function tickets(from: number, to: number, day: number, status: string): Record<string, unknown>[] {
  return Array.from({ length: to - from + 1 }, (_, index) => ticket(from + index, day, status));
}

/** A run as a plan, carried out until it stops. */
async function plan(
  tenantId: string,
  mode: "bulk" | "incremental" = "incremental",
  options: { planRule?: "always" | "when_due" | "never"; trigger?: string } = {
    planRule: "always",
  },
): Promise<{ runId: string; status: string; plan: Plan | undefined }> {
  const { runId } = await startRun(bench.db, {
    tenantId,
    mode,
    tables: [TABLE],
    trigger: options.trigger ?? "cli",
    requestedBy: "test",
    planRule: options.planRule,
  });
  await executeRun(bench.context, runId);
  const run = await findRun(bench.db, runId);
  return { runId, status: run?.status ?? "", plan: await planOf(runId) };
}

async function planOf(runId: string): Promise<Plan | undefined> {
  return (await findPlans(bench.db, runId))[0];
}

async function decide(
  runId: string,
  decision: "apply" | "reject",
  reason = "",
): Promise<string | undefined> {
  await decidePlans(bench.context, { runId, decision, by: "marta", reason });
  await executeRun(bench.context, runId);
  return (await findRun(bench.db, runId))?.status;
}

async function stagingOf(runId: string): Promise<string[]> {
  return (await leftovers(bench)).filter((name) => name.includes(runId.toLowerCase()));
}

/** What anybody else can see of a tenant: history, ledgers, dead letters, what is true of its tables. */
async function visible(tenantId: string): Promise<unknown> {
  const count = z.object({ found: z.coerce.number() });
  const rows = await Promise.all(
    [`${TABLE}_log`, `${TABLE}_scd`, "objects", "extracts", "batches", "table_states"].map(
      (table) =>
        bench.db.row(
          {
            name: "test.visible",
            params: { tenant_id: tenantId },
            sql: `SELECT count() AS found FROM ${table} FINAL WHERE tenant_id = {tenant_id:String}`,
          },
          count,
        ),
    ),
  );
  return {
    rows,
    history: await bench.history(tenantId, TABLE),
    letters: await bench.deadLetters(tenantId),
  };
}

describe("a plan", () => {
  it("shows what it would do and changes nothing; applied, it gives what a load gives, bit for bit", async () => {
    const [planned, loaded] = [await bench.tenant("planned"), await bench.tenant("loaded")];
    for (const tenantId of [planned, loaded]) {
      await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 20, 1, "open"));
      await bench.load(tenantId, TABLE);
      await bench.land(tenantId, TABLE, "b-20240202T000000Z-1.ndjson", [
        ...tickets(1, 3, 5, "closed"),
        ...tickets(21, 22, 5, "open"),
        { ticket_id: "T4", last_updated: "2024-01-06T00:00:00Z", _deleted: true },
        { ticket_id: "T5" },
      ]);
    }
    const before = await visible(planned);
    const made = await plan(planned);
    expect(made.status).toBe("waiting_approval");
    expect(await visible(planned)).toEqual(before);
    expect(made.plan?.figures).toMatchObject({
      objects: 1,
      ledger: { read: 7, new: 2, changed: 3, deleted: 1, rejected: 1 },
      versionsOpened: 5,
      versionsClosed: 4,
      versionsAltered: 0,
      versionsRemoved: 0,
      entitiesNew: 2,
      deletions: 1,
      currentBefore: 20,
      currentAfter: 21,
      expectedSeconds: expect.any(Number),
    });
    expect(made.plan?.figures.rejects.length).toBeGreaterThan(0);
    const changed = made.plan?.figures.diffs.find((diff) => diff.effect === "changed");
    expect(changed?.fields.filter(({ a, b }) => a !== b)).toEqual([
      { name: "status", a: "open", b: "closed" },
    ]);
    expect(made.plan?.figures.diffs.find((diff) => diff.effect === "deleted")?.entityId).toBe("T4");

    // Neither the cleaning up of a start nor a worker's look takes a waiting plan for something left behind.
    await recoverRuns(bench.context);
    await clearLeftovers(bench.db);
    expect((await stagingOf(made.runId)).length).toBeGreaterThan(0);
    expect((await findRun(bench.db, made.runId))?.status).toBe("waiting_approval");

    expect(await decide(made.runId, "apply")).toBe("succeeded");
    const direct = await bench.load(loaded, TABLE);
    const { run_id: _run, seconds: _seconds, ...ledger } = await summarizeRun(bench.db, made.runId);
    expect(direct).toMatchObject(ledger);
    expect(await bench.history(planned, TABLE)).toEqual(
      (await bench.history(loaded, TABLE)).map((row) => ({
        ...row,
        ...("tenant_id" in row ? { tenant_id: planned } : {}),
      })),
    );
    expect((await bench.deadLetters(planned)).map(({ cause, status }) => [cause, status])).toEqual(
      (await bench.deadLetters(loaded)).map(({ cause, status }) => [cause, status]),
    );
    expect(direct.rejected).toBe(1);
    expect(await bench.complaints(planned, TABLE)).toEqual([]);
    expect(await leftovers(bench)).toEqual([]);
    expect((await planOf(made.runId))?.status).toBe("applied");
  });

  it("is refused and made anew where the store has changed since", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 3, 1, "open"));
    const { runId } = await plan(tenantId);
    await bench.land(tenantId, TABLE, "b-20240202T000000Z-1.ndjson", tickets(4, 5, 1, "open"));
    await expect(
      decidePlans(bench.context, { runId, decision: "apply", by: "marta", reason: "" }),
    ).rejects.toMatchObject({ code: "conflict", message: expect.stringMatching(/1 object more/) });
    expect(await bench.history(tenantId, TABLE)).toEqual([]);
    await executeRun(bench.context, runId);
    const next = await planOf(runId);
    expect(next).toMatchObject({
      status: "waiting",
      figures: { objects: 2, entitiesNew: 5 },
      previous: { figures: { objects: 1, entitiesNew: 3 } },
    });
    expect(await decide(runId, "apply")).toBe("succeeded");
    expect(await bench.history(tenantId, TABLE)).toHaveLength(5);
  });

  it("is refused and made anew where another run has published since, even behind the decision", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 3, 1, "open"));
    const { runId } = await plan(tenantId);
    await decidePlans(bench.context, { runId, decision: "apply", by: "marta", reason: "" });
    expect((await bench.load(tenantId, TABLE)).status).toBe("succeeded");
    await executeRun(bench.context, runId);
    // Everything that was planned is loaded by now: there is nothing left to wait for.
    expect((await findRun(bench.db, runId))?.status).toBe("succeeded");
    expect(await bench.history(tenantId, TABLE)).toHaveLength(3);
    expect(await leftovers(bench)).toEqual([]);
  });

  it("leaves nothing when it is rejected, with the reason on the run", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", [
      ...tickets(1, 3, 1, "open"),
      { ticket_id: "T9" },
    ]);
    const before = await visible(tenantId);
    const { runId } = await plan(tenantId);
    expect(await decide(runId, "reject", "The source was wrong.")).toBe("cancelled");
    expect((await findRun(bench.db, runId))?.error).toContain("The source was wrong.");
    expect(await visible(tenantId)).toEqual(before);
    expect(await leftovers(bench)).toEqual([]);
    await expect(decide(runId, "apply")).rejects.toMatchObject({ code: "conflict" });
    expect((await bench.load(tenantId, TABLE)).read).toBe(4);
  });

  it("goes when its run is cancelled, and when nobody decides in time", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 3, 1, "open"));
    const first = await plan(tenantId);
    await cancelRun(bench.db, { runId: first.runId, requestedBy: "marta" });
    await executeRun(bench.context, first.runId);
    expect((await findRun(bench.db, first.runId))?.status).toBe("cancelled");
    expect((await planOf(first.runId))?.status).toBe("rejected");

    const second = await plan(tenantId);
    if (second.plan === undefined) throw new Error("There is no plan.");
    await writePlan(bench.db, { ...second.plan, expires_at: new Date(0).toISOString() });
    await expirePlans(bench.context);
    await executeRun(bench.context, second.runId);
    const run = await findRun(bench.db, second.runId);
    expect([run?.status, run?.error]).toEqual([
      "cancelled",
      expect.stringMatching(/Nobody decided/),
    ]);
    expect(await leftovers(bench)).toEqual([]);
  });

  it("is published once when it is applied twice at the same time", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 3, 1, "open"));
    const { runId } = await plan(tenantId);
    const apply = (by: string): Promise<void> =>
      decidePlans(bench.context, { runId, decision: "apply", by, reason: "" });
    const decisions = await Promise.allSettled([apply("marta"), apply("jonas")]);
    expect(decisions.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await Promise.all([executeRun(bench.context, runId), executeRun(bench.context, runId)]);
    await executeRun(bench.context, runId);
    expect((await findRun(bench.db, runId))?.status).toBe("succeeded");
    const events = await bench.events(runId);
    expect(events.filter(({ event }) => event === "batch_published")).toHaveLength(1);
  });
});

describe("the rules", () => {
  it("stop a reload, let a first load and an approved one through", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 3, 1, "open"));
    expect((await plan(tenantId, "bulk", {})).status).toBe("succeeded");
    const reload = await plan(tenantId, "bulk", {});
    expect(reload).toMatchObject({
      status: "waiting_approval",
      plan: { reason: "reload", figures: { versionsOpened: 0, versionsRemoved: 0, deletions: 0 } },
    });
    expect((await plan(tenantId, "bulk", { planRule: "never" })).status).toBe("succeeded");
    // The approved one has published since.
    await expect(decide(reload.runId, "apply")).rejects.toMatchObject({ code: "conflict" });
    await executeRun(bench.context, reload.runId);
    expect((await findRun(bench.db, reload.runId))?.status).toBe("waiting_approval");
    expect(await decide(reload.runId, "apply")).toBe("succeeded");
    expect(await bench.history(tenantId, TABLE)).toHaveLength(3);
  });

  it("stop a full extract that would delete too much; the rest of the store goes on by itself", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, TABLE, "a-20240201T000000Z-1.ndjson", tickets(1, 100, 1, "open"));
    await bench.load(tenantId, TABLE);
    const list = async (stamp: string, kept: number): Promise<void> => {
      await bench.land(tenantId, TABLE, `full/${stamp}/part-1.ndjson`, tickets(1, kept, 1, "open"));
      await bench.land(tenantId, TABLE, `full/${stamp}/_SUCCESS`, "");
    };
    await list("20240210T000000Z", 60);
    expect((await bench.load(tenantId, TABLE)).status).toBe("succeeded");
    await list("20240211T000000Z", 5);
    const held = await plan(tenantId, "incremental", {});
    expect(held).toMatchObject({
      status: "waiting_approval",
      plan: { reason: "extract", figures: { deletions: 55, currentBefore: 60, currentAfter: 5 } },
    });
    expect(await bench.history(tenantId, TABLE)).toHaveLength(100);

    // Increments by the clock leave it out and load what else comes.
    await bench.land(tenantId, TABLE, "b-20240212T000000Z-1.ndjson", tickets(200, 201, 2, "open"));
    const next = await plan(tenantId, "incremental", { trigger: "schedule" });
    expect(next.status).toBe("succeeded");
    expect(await bench.history(tenantId, TABLE)).toHaveLength(102);

    await expect(decide(held.runId, "apply")).rejects.toMatchObject({ code: "conflict" });
    await executeRun(bench.context, held.runId);
    expect((await planOf(held.runId))?.figures).toMatchObject({
      deletions: 55,
      currentBefore: 62,
      currentAfter: 7,
    });
    expect(await decide(held.runId, "apply")).toBe("succeeded");
    const current = (await bench.history(tenantId, TABLE)).filter(
      (row) => row["effective_end_date"] === null,
    );
    expect(current).toHaveLength(7);
    expect(await bench.complaints(tenantId, TABLE)).toEqual([]);
    expect(await leftovers(bench)).toEqual([]);
  });
});
