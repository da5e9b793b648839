import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { overrideEnv } from "@/server/env";
import type { LambdaContext } from "@/server/lambda/lambda-context";
import { type BatchResult, handler as landedObjects } from "@/server/lambda/landed-objects";
import { handler as scheduleTick } from "@/server/lambda/schedule-tick";
import { decidePlans } from "@/server/plans/decide-plans";
import { startRun } from "@/server/runs/start-run";

import { StepFunctionsBench } from "./support/aws/step-functions-bench";
import type { LoadBench } from "./support/load";

let machine: StepFunctionsBench;
let bench: LoadBench;
/** Lines of the functions' logs that CloudWatch takes for metrics. */
let metrics: Record<string, unknown>[] = [];

const call: LambdaContext = { awsRequestId: "test", getRemainingTimeInMillis: () => 60_000 };

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  machine = await StepFunctionsBench.open();
  ({ bench } = machine);
  overrideEnv({
    ORCHESTRATOR: "stepfunctions",
    AWS_REGION: "eu-north-1",
    INCREMENTS_QUEUE_URL: machine.aws.queueUrl,
  });
});

afterAll(async () => {
  await machine.close();
  vi.unstubAllEnvs();
});

beforeEach(() => {
  metrics = [];
  const { stdout } = process;
  const write = stdout.write.bind(stdout);
  vi.spyOn(stdout, "write").mockImplementation((chunk, ...rest) => {
    const text = String(chunk);
    if (!text.startsWith('{"_aws"')) return write(chunk, ...(rest as []));
    metrics.push(JSON.parse(text) as Record<string, unknown>);
    return true;
  });
});

/** A tenant whose companies are loaded, and an object that landed since. */
async function tenantWithNews(): Promise<{ tenant: string; key: string }> {
  const tenant = await bench.tenant();
  await land(tenant, "2026-01-01", "A");
  await machine.viaStepFunctions(tenant, ["companies"], "bulk");
  const key = await land(tenant, "2026-01-02", "B");
  return { tenant, key };
}

async function land(tenant: string, day: string, companyName: string): Promise<string> {
  const record = { company_id: "1", company_name: companyName, status: "Active" };
  const name = `c-${day.replaceAll("-", "")}T000000Z.ndjson`;
  return bench.land(tenant, "companies", name, [{ ...record, last_updated: day }]);
}

function batch(bodies: readonly (object | string)[]): object {
  const text = (body: object | string): string =>
    typeof body === "string" ? body : JSON.stringify(body);
  return { Records: bodies.map((body, at) => ({ messageId: `m${at}`, body: text(body) })) };
}

async function landed(bodies: readonly (object | string)[]): Promise<string[]> {
  const result: BatchResult = await landedObjects(batch(bodies), call);
  await machine.aws.idle();
  return result.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}

/** How many runs of a tenant there were after its bulk load, and how the newest ended. */
async function increments(tenant: string): Promise<{ runs: number; versions: number }> {
  const runs = [...machine.aws.executions.values()].filter(({ input }) =>
    String(input).includes(`"${tenant}"`),
  );
  return { runs: runs.length - 1, versions: (await bench.history(tenant, "companies")).length };
}

describe("the function of the schedule", () => {
  it("starts an increment of each tenant that is due, once, and says how fresh all are", async () => {
    const { tenant } = await tenantWithNews();
    expect(metrics.filter((line) => line["TenantId"] === tenant)).toMatchObject([
      { TableName: "companies", RecordsProcessed: 1, ProcessingErrors: 0 },
    ]);
    expect(await scheduleTick({}, call)).toEqual({ due: 0, started: 0, left: 0 });
    await bench.db.command({
      name: "test.since",
      params: { tenant },
      sql: `INSERT INTO tenants SELECT * REPLACE (now64(3) - INTERVAL 1 HOUR AS schedule_since, version + 1 AS version)
        FROM tenants FINAL WHERE tenant_id = {tenant:String}`,
    });
    expect(await scheduleTick({}, { ...call, getRemainingTimeInMillis: () => 1_000 })).toEqual({
      due: 1,
      started: 0,
      left: 1,
    });
    metrics = [];
    expect(await scheduleTick({}, call)).toEqual({ due: 1, started: 1, left: 0 });
    const freshness = metrics.find((line) => line["TenantId"] === tenant);
    expect(freshness?.["DataFreshness"]).toBeGreaterThanOrEqual(0);
    await machine.aws.idle();
    expect(await increments(tenant)).toEqual({ runs: 1, versions: 2 });
    expect(await scheduleTick({}, call)).toEqual({ due: 0, started: 0, left: 0 });
    expect(machine.aws.faults).toEqual([]);
  });
});

describe("a plan that was applied", () => {
  it("goes on in a further execution, which the function of the schedule starts", async () => {
    const { tenant } = await tenantWithNews();
    const { db } = bench;
    const asked = { tenantId: tenant, mode: "incremental", trigger: "cli" } as const;
    const { runId } = await startRun(db, { ...asked, requestedBy: "test", planRule: "always" });
    expect((await machine.settle(runId)).status).toBe("waiting_approval");
    const decision = { runId, decision: "apply", by: "test", reason: "" } as const;
    await decidePlans(bench.context, decision);
    await scheduleTick({}, call);
    expect((await machine.settle(runId)).status).toBe("succeeded");
    expect(machine.aws.execution(`${runId}-2`).status).toBe("SUCCEEDED");
    expect(await increments(tenant)).toEqual({ runs: 2, versions: 2 });
  });
});

describe("the function of landed objects", () => {
  it("starts one increment for all of a tenant's objects, and gives back what it cannot read", async () => {
    const { tenant, key } = await tenantWithNews();
    const failed = await landed([
      { kind: "object", object_key: key },
      { kind: "object", object_key: key.replace("20260102", "20260103") },
      { kind: "object", object_key: "somewhere/else/canonical/x.json" },
      { kind: "object", object_key: "nobody/canonical/tickets/x.json" },
      "no JSON",
      { kind: "of another kind" },
    ]);
    expect(failed).toEqual(["m4", "m5"]);
    expect(await increments(tenant)).toEqual({ runs: 1, versions: 2 });
  });

  it("takes a dead run that was moved to its queue for a request", async () => {
    const { tenant } = await tenantWithNews();
    const dead = { kind: "run", run_id: "x", tenant_id: tenant, table_name: "companies" };
    expect(await landed([dead])).toEqual([]);
    expect(await increments(tenant)).toEqual({ runs: 1, versions: 2 });
  });

  it("asks again later while the tenant has a run that is not over, but not for ever", async () => {
    const { tenant, key } = await tenantWithNews();
    const waiting = { run_id: ulid(), tenant_id: tenant, status: "running" };
    await bench.db.insert("runs", [{ ...waiting, version: 1 }]);
    const before = machine.aws.messages.length;
    expect(await landed([{ kind: "object", object_key: key }])).toEqual([]);
    const [later] = machine.aws.messages.slice(before);
    expect(later).toEqual({ kind: "tenant", tenant_id: tenant, put_off: 1 });
    expect(
      await landed([
        { ...later, put_off: 59 },
        { ...later, put_off: 60 },
      ]),
    ).toEqual([]);
    expect(machine.aws.messages.slice(before + 1)).toEqual([{ ...later, put_off: 60 }]);
    expect(await landed([{ ...later, put_off: 60 }])).toEqual([]);
    expect(machine.aws.messages).toHaveLength(before + 2);

    await bench.db.insert("runs", [{ ...waiting, status: "cancelled", version: 2 }]);
    expect(await landed([{ ...later }])).toEqual([]);
    expect(await increments(tenant)).toEqual({ runs: 1, versions: 2 });
    expect(machine.aws.faults).toEqual([]);
  });
});
