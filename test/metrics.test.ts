import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { freshnessFigures } from "@/server/metrics/freshness-figures";
import { putMetrics } from "@/server/metrics/put-metrics";
import { runFigures } from "@/server/metrics/run-figures";

import { LoadBench } from "./support/load";

let bench: LoadBench;

beforeAll(async () => {
  bench = await LoadBench.open();
});

afterAll(async () => {
  await bench.close();
});

async function minutesOf(tenantId: string): Promise<number | undefined> {
  const figures = await freshnessFigures(bench.db);
  return figures.find((one) => one.tenantId === tenantId)?.figures.DataFreshness;
}

function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

/** A look into the tenant's part of the store, as the schedule keeps it. */
async function look(tenantId: string, values: Record<string, unknown>): Promise<void> {
  await bench.db.insert("schedule_checks", [
    { tenant_id: tenantId, cause: "schedule", version: Date.now() * 1000, ...values },
  ]);
}

/** Its tables were published that long ago, by runs of single tables. */
async function published(tenantId: string, minutes: number): Promise<void> {
  await bench.db.insert("table_states", [
    { tenant_id: tenantId, table_name: "tickets", published_at: minutesAgo(minutes), version: 1 },
  ]);
}

describe("figures for CloudWatch", () => {
  it("say that nothing is late where there is nobody", async () => {
    expect(await freshnessFigures(bench.db)).toEqual([{ figures: { DataFreshness: 0 } }]);
  });

  it("count how far a tenant is behind its store, not how long its source has been silent", async () => {
    const tenant = await bench.tenant();
    expect(await minutesOf(tenant)).toBeUndefined();
    await published(tenant, 300);
    expect(await minutesOf(tenant)).toBeCloseTo(300, 0);
    await look(tenant, { checked_at: minutesAgo(3), outcome: "nothing_new" });
    expect(await minutesOf(tenant)).toBeCloseTo(3, 0);
    await look(tenant, {
      checked_at: minutesAgo(1),
      outcome: "started",
      waiting: [
        { table_name: "tickets", objects: 1, bytes: 1, oldest_at: minutesAgo(50) },
        { table_name: "contacts", objects: 1, bytes: 1, oldest_at: minutesAgo(70) },
      ],
    });
    expect(await minutesOf(tenant)).toBeCloseTo(70, 0);
    await bench.db.insert("runs", [
      {
        run_id: `run-of-${tenant}`,
        tenant_id: tenant,
        mode: "incremental",
        tables: [],
        status: "succeeded",
        started_at: minutesAgo(2),
        version: 1,
      },
    ]);
    expect(await minutesOf(tenant)).toBeCloseTo(2, 0);
    await look(tenant, { checked_at: minutesAgo(0), outcome: "failed" });
    expect(await minutesOf(tenant)).toBeCloseTo(2, 0);
  });

  it("leave out tenants that are paused", async () => {
    const tenant = await bench.tenant();
    await published(tenant, 60);
    expect(await minutesOf(tenant)).toBeCloseTo(60, 0);
    await bench.db.command({
      name: "test.pause",
      params: { tenant },
      sql: `INSERT INTO tenants SELECT * REPLACE (true AS paused, version + 1 AS version)
        FROM tenants FINAL WHERE tenant_id = {tenant:String}`,
    });
    expect(await minutesOf(tenant)).toBeUndefined();
  });

  it("come of a run's tables: records, seconds, and failures that no dead letter tells of", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "companies", "c-20260101T000000Z.ndjson", [
      { company_id: "1", company_name: "A", status: "Active", last_updated: "2026-01-01" },
    ]);
    const run = await bench.load(tenant, "companies", "bulk");
    const [figures] = await runFigures(bench.db, run.run_id);
    expect(figures).toMatchObject({
      tenantId: tenant,
      tableName: "companies",
      figures: { RecordsProcessed: 1, ProcessingErrors: 0 },
    });
    expect(figures?.figures.ProcessingDuration).toBeGreaterThan(0);

    const failed = { run_id: "failed", tenant_id: tenant, status: "failed", version: 1 };
    await bench.db.insert("run_tables", [
      { ...failed, table_name: "companies", started_at: null, finished_at: null },
      { ...failed, table_name: "tickets", started_at: null, finished_at: null },
    ]);
    await bench.db.insert("dead_letters", [
      {
        dead_letter_id: "1",
        tenant_id: tenant,
        table_name: "tickets",
        kind: "run",
        run_id: "failed",
        version: 1,
      },
    ]);
    const errors = (await runFigures(bench.db, "failed")).map((one) => one.figures);
    expect(errors.map((one) => one.ProcessingErrors)).toEqual([1, 0]);
  });

  it("are single lines of a function's log", () => {
    const written: unknown[] = [];
    const spy = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(text);
      return true;
    });
    putMetrics([
      { tenantId: "a", figures: { ProcessingErrors: 1 } },
      { figures: { DataFreshness: 0 } },
    ]);
    spy.mockRestore();
    expect(written).toHaveLength(2);
    for (const line of written) expect(line).toMatch(/^\{"_aws":.*\}\n$/);
  });
});
