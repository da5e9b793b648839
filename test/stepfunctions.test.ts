import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { createDb } from "@/server/clickhouse/client";
import { openClickHouse } from "@/server/clickhouse/connection";
import { RunExecutionReply } from "@/lib/contracts/run-execution";
import { carryOutForVerb } from "@/server/cli/carry-out-for-verb";
import { overrideEnv } from "@/server/env";
import { handler as deadLetter } from "@/server/lambda/dead-letter";
import { orchestratorOf } from "@/server/orchestrators/open-orchestrator";
import { redriveRun } from "@/server/orchestrators/redrive-run";
import { syncRuns } from "@/server/orchestrators/sync-run";
import { applyRunOperation } from "@/server/pipeline/operations/decide-run";
import {
  readExecutionOperation,
  redriveRunOperation,
} from "@/server/pipeline/operations/run-execution";
import { cancelRun } from "@/server/runs/cancel-run";
import { executeRun } from "@/server/runs/execute-run";
import { tableLease, takeLease } from "@/server/runs/lease";
import { findRuns } from "@/server/runs/run-store";
import { findTaskCalls } from "@/server/runs/task-calls";

import { StepFunctionsBench } from "./support/aws/step-functions-bench";
import type { HistoryRow, LoadBench } from "./support/load";
import { until } from "./support/until";

// Much more than any of them needs, for machines that are busy.
vi.setConfig({ testTimeout: 180_000 });

let machine: StepFunctionsBench;
let bench: LoadBench;

beforeAll(async () => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
  machine = await StepFunctionsBench.open();
  ({ bench } = machine);
});

afterAll(async () => {
  await machine.close();
  vi.unstubAllEnvs();
});

function ticket(id: number, hour: number, change: object = {}): object {
  return {
    ticket_id: `T${id}`,
    status: "open",
    summary: `Ticket ${id}`,
    source_system: "servicenow",
    source_table: "incident",
    ingestion_timestamp: `2025-03-01T0${hour}:30:00Z`,
    last_updated: `2025-03-01T0${hour}:00:00Z`,
    ...change,
  };
}

function company(id: number): object {
  return {
    company_id: `C${id}`,
    company_name: `Company ${id}`,
    status: "active",
    source_system: "servicenow",
    source_table: "core_company",
    ingestion_timestamp: "2025-03-01T01:30:00Z",
    last_updated: "2025-03-01T01:00:00Z",
  };
}

/** Two registered tenants, for the same objects. */
async function twins(): Promise<readonly [string, string]> {
  return [await bench.tenant("ours"), await bench.tenant("theirs")];
}

async function landAll(
  tenants: readonly string[],
  table: string,
  name: string,
  records: readonly object[] | string,
): Promise<void> {
  for (const tenant of tenants) await bench.land(tenant, table, name, records, new Date(1e12));
}

const FIRST = "changes-20250301T010000Z.ndjson";
const SECOND = "changes-20250301T020000Z.ndjson";

describe("both orchestrators come to the same", () => {
  it.each(["incremental", "bulk"] as const)("%s", async (mode) => {
    const tenants = await twins();
    const tables = ["tickets", "companies"];
    await landAll(tenants, "tickets", FIRST, [
      ticket(1, 1),
      ticket(2, 1),
      ticket(2, 1),
      { ticket_id: "T3" },
    ]);
    await landAll(tenants, "tickets", SECOND, [ticket(1, 2, { status: "closed" }), ticket(2, 2)]);
    await landAll(tenants, "companies", FIRST, [company(1)]);
    const [ours, theirs] = tenants;
    const local = await machine.outcome(await machine.locally(ours, tables, mode));
    const remote = await machine.outcome(await machine.viaStepFunctions(theirs, tables, mode));
    expect(local).toMatchObject({ run: { status: "succeeded" }, complaints: [] });
    expect(remote).toEqual(local);
  });

  it("a run of which one table fails is partial, with a dead letter and a message", async () => {
    const tenants = await twins();
    const tables = ["tickets", "companies"];
    const bad = Array.from({ length: 120 }, (_, index) => ({ ticket_id: `T${index}` }));
    await landAll(tenants, "tickets", FIRST, bad);
    await landAll(tenants, "companies", FIRST, [company(1)]);
    const [ours, theirs] = tenants;
    const local = await machine.outcome(await machine.locally(ours, tables, "incremental"));
    const runId = await machine.viaStepFunctions(theirs, tables, "incremental");
    const remote = await machine.outcome(runId);
    expect(local).toMatchObject({ run: { status: "partial" } });
    expect(remote).toEqual(local);
    expect(machine.aws.messages.filter((message) => message["run_id"] === runId)).toMatchObject([
      { kind: "run", tenant_id: theirs, table_name: "tickets", error_name: "RejectThresholdError" },
    ]);
  });

  it("tells of state, attempts, events, input and output alike", async () => {
    const tenants = await twins();
    await landAll(tenants, "tickets", FIRST, [ticket(1, 1)]);
    const [ours, theirs] = tenants;
    machine.aws.pageSize = 4;
    const ids = [
      await machine.locally(ours, ["tickets"], "incremental"),
      await machine.viaStepFunctions(theirs, ["tickets"], "incremental"),
    ];
    const told = await Promise.all(
      ids.map(async (id) => {
        const run = await machine.run(id);
        const orchestrator = orchestratorOf(bench.db, run);
        const state = await orchestrator.describe(run);
        const events = await orchestrator.history(run);
        return {
          status: state?.status,
          input: state?.input === JSON.stringify({ run_id: id, tenant_id: run.tenant_id }),
          ends: [events[0]?.type, events.at(-1)?.type],
          states: [...new Set(events.map((event) => event.state))].filter((name) =>
            /^(?:Initialize|ProcessTable|Validate)/.test(name),
          ),
          table: events.find((event) => event.state === "ProcessTableIncremental")?.tableName,
          rises: events.every(
            (event, index) => index === 0 || event.id > (events[index - 1]?.id ?? 0),
          ),
        };
      }),
    );
    machine.aws.pageSize = 1_000;
    const alike = {
      status: "SUCCEEDED",
      input: true,
      ends: ["ExecutionStarted", "ExecutionSucceeded"],
      states: ["InitializeDataMovement", "ProcessTableIncremental", "ValidateDataMovement"],
      table: "tickets",
      rises: true,
    };
    expect(told).toEqual([alike, alike]);
  });
});

describe("starting", () => {
  it("twice starts one execution, at once or later", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const runId = await machine.start(tenant, ["tickets"], "incremental");
    const run = await machine.run(runId);
    const orchestrator = orchestratorOf(bench.db, run);
    await Promise.all([orchestrator.start(run), orchestrator.start(run)]);
    expect((await machine.settle(runId)).status).toBe("succeeded");
    await orchestrator.start(run);
    const names = [...machine.aws.executions.keys()].filter((name) => name.startsWith(runId));
    expect(names).toEqual([runId]);
    expect((await findTaskCalls(bench.db, runId)).map((call) => call.state)).toEqual([
      "InitializeDataMovement",
      "ProcessTableIncremental",
      "ValidateDataMovement",
    ]);
  });

  it("where Step Functions cannot be reached happens as soon as it can", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    machine.aws.refuseNext("StartExecution", "InternalServerError", 500, 4);
    const runId = await machine.start(tenant, ["tickets"], "incremental");
    expect(machine.aws.executions.has(runId)).toBe(false);
    expect((await machine.run(runId)).status).toBe("queued");
    await syncRuns(bench.context);
    expect((await machine.settle(runId)).status).toBe("succeeded");
  });

  it("that is refused says why at once", async () => {
    const tenant = await bench.tenant();
    machine.aws.refuseNext("StartExecution", "AccessDeniedException", 400);
    const run = await machine.run(await machine.start(tenant, ["tickets"], "incremental"));
    expect(run).toMatchObject({ status: "failed" });
    expect(run.error).toMatch(/refused to start the run\. AccessDeniedException/);
  });

  it("is not for the workers of this machine to pick up", async () => {
    const tenant = await bench.tenant();
    machine.aws.refuseNext("StartExecution", "InternalServerError", 500, 4);
    const runId = await machine.start(tenant, ["tickets"], "incremental");
    expect(await findRuns(bench.db, ["queued"], tenant)).toEqual([]);
    expect(await executeRun(bench.context, runId)).toEqual({ busy: true });
    await syncRuns(bench.context);
    expect((await machine.settle(runId)).status).toBe("succeeded");
  });
});

describe("a task", () => {
  it("that fails for a while is tried again, and its attempts are shown", async () => {
    const tenants = await twins();
    await landAll(tenants, "tickets", FIRST, [ticket(1, 1)]);
    machine.aws.failNext("ScdProcessor", "Lambda.TooManyRequestsException", 2);
    const runId = await machine.viaStepFunctions(tenants[1], ["tickets"], "incremental");
    expect((await machine.run(runId)).status).toBe("succeeded");
    const calls = await findTaskCalls(bench.db, runId);
    expect(calls.filter((call) => call.tableName === "tickets")).toMatchObject([
      { attempt: 3, status: "succeeded" },
    ]);
    const run = await machine.run(runId);
    const history = await orchestratorOf(bench.db, run).history(run);
    expect(history.filter((event) => event.type === "LambdaFunctionFailed")).toMatchObject([
      { state: "ProcessTableIncremental", tableName: "tickets", attempt: 1 },
      { state: "ProcessTableIncremental", tableName: "tickets", attempt: 2 },
    ]);
  });

  it("that loses ClickHouse says that it will be tried again", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const run = await startHeld(tenant);
    // Its time is up while it waits for the table.
    machine.aws.remainingMs = 5_300;
    const runId = await run.begin();
    await until("the task has said so", async () =>
      (await bench.events(runId)).some((event) => event.event === "retrying"),
    );
    machine.aws.remainingMs = 600_000;
    await run.letGo();
    expect((await machine.settle(runId)).status).toBe("succeeded");
    const events = await bench.events(runId);
    expect(events.find((event) => event.event === "retrying")?.message).toMatch(
      /did not end in time\. Retry 1 of 3 in 15 s/,
    );
    const [first, ...more] = (await findTaskCalls(bench.db, runId)).filter(
      (call) => call.tableName === "tickets",
    );
    expect(first).toMatchObject({ attempt: 1, status: "failed" });
    expect(more.at(-1)).toMatchObject({ status: "succeeded" });
  });
});

/** A run whose table somebody else is at work on, so that it waits where a test wants it. */
async function startHeld(
  tenant: string,
): Promise<{ begin: () => Promise<string>; letGo: () => Promise<void> }> {
  const taken = await takeLease(bench.db, tableLease(tenant, "tickets"), "01HELD");
  if (!("lease" in taken)) throw new Error("The lease is taken.");
  return {
    begin: async () => machine.start(tenant, ["tickets"], "incremental"),
    letGo: async () => taken.lease.release(),
  };
}

describe("cancelling", () => {
  it("stops the execution and leaves the tables as they were", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const held = await startHeld(tenant);
    const runId = await held.begin();
    await until("the run waits for its table", async () =>
      (await bench.events(runId)).some((event) => event.event === "waiting_for_lease"),
    );
    await cancelRun(bench.db, { runId, requestedBy: "ops" });
    const run = await machine.settle(runId);
    await held.letGo();
    expect(run).toMatchObject({ status: "cancelled", error: "Cancelled by ops." });
    expect(machine.aws.execution(runId)).toMatchObject({
      status: "ABORTED",
      cause: "Cancelled by ops.",
    });
    expect(await bench.history(tenant, "tickets")).toEqual([] satisfies HistoryRow[]);
    expect(await bench.deadLetters(tenant)).toEqual([]);
    expect(machine.aws.messages.some((message) => message["run_id"] === runId)).toBe(false);
    const calls = await findTaskCalls(bench.db, runId);
    expect(calls.every((call) => call.status !== "running")).toBe(true);
  });

  it("in Step Functions itself is seen too", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const held = await startHeld(tenant);
    const runId = await held.begin();
    await until("the run waits for its table", async () =>
      (await bench.events(runId)).some((event) => event.event === "waiting_for_lease"),
    );
    machine.aws.execution(runId).stop("Stopped", "by hand");
    await syncRuns(bench.context);
    expect((await machine.run(runId)).status).toBe("cancelled");
    await held.letGo();
    await machine.aws.idle();
    expect(await bench.history(tenant, "tickets")).toEqual([]);
  });
});

describe("a run that stops as a plan", () => {
  async function planned(tenant: string): Promise<string> {
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const runId = await machine.start(tenant, ["tickets"], "incremental", "always");
    expect((await machine.settle(runId)).status).toBe("waiting_approval");
    expect(await bench.history(tenant, "tickets")).toEqual([]);
    return runId;
  }

  it("goes on in a further execution when it is applied", async () => {
    const tenant = await bench.tenant();
    const runId = await planned(tenant);
    await carryOutForVerb(bench.db, applyRunOperation, { runId });
    await Promise.all([syncRuns(bench.context), syncRuns(bench.context)]);
    expect((await machine.settle(runId)).status).toBe("succeeded");
    expect(await bench.history(tenant, "tickets")).toHaveLength(1);
    const names = [...machine.aws.executions.keys()].filter((name) => name.startsWith(runId));
    expect(names).toEqual([runId, `${runId}-2`]);
    expect((await machine.run(runId)).execution_arn).toMatch(/-2$/);
  });

  it("ends when it is cancelled while it waits", async () => {
    const tenant = await bench.tenant();
    const runId = await planned(tenant);
    await cancelRun(bench.db, { runId, requestedBy: "ops" });
    expect(await machine.settle(runId)).toMatchObject({
      status: "cancelled",
      error: "Cancelled by ops.",
    });
    expect(await bench.history(tenant, "tickets")).toEqual([]);
  });
});

describe("an execution that died", () => {
  it("does not leave its run at work, and can be redriven", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    machine.aws.failNext("Validator", "AccessDeniedException");
    const runId = await machine.viaStepFunctions(tenant, ["tickets"], "incremental");
    expect(await machine.run(runId)).toMatchObject({
      status: "failed",
      error: "as the test wants it",
    });
    expect(await bench.deadLetters(tenant)).toMatchObject([
      { kind: "run", table_name: "", status: "open", cause: "run failed: AccessDeniedException" },
    ]);
    expect(machine.aws.messages.filter((message) => message["run_id"] === runId)).toMatchObject([
      { table_name: "", error_name: "AccessDeniedException" },
    ]);

    const shown = (): Promise<RunExecutionReply> =>
      carryOutForVerb(bench.db, readExecutionOperation, { runId });
    expect(RunExecutionReply.parse(await shown())).toMatchObject({
      orchestrator: "stepfunctions",
      execution: { status: "FAILED", errorName: "AccessDeniedException", isRedrivable: true },
    });
    await carryOutForVerb(bench.db, redriveRunOperation, { runId });
    expect(await machine.settle(runId)).toMatchObject({ status: "succeeded", error: "" });
    expect(RunExecutionReply.parse(await shown())).toMatchObject({
      execution: { status: "SUCCEEDED", redrives: 1, isRedrivable: false },
    });
    expect(machine.aws.execution(runId).redrives).toBe(1);
    expect(await bench.deadLetters(tenant)).toMatchObject([{ kind: "run", status: "replayed" }]);
    const states = (await findTaskCalls(bench.db, runId)).map((call) => call.state);
    expect(states.filter((state) => state === "ProcessTableIncremental")).toHaveLength(1);

    await expect(redriveRun(bench.db, { runId, requestedBy: "ops" })).rejects.toThrow(
      /cannot redrive this run's execution/,
    );
    expect((await machine.run(runId)).status).toBe("succeeded");
  });

  it("after a cancel goes on when it is redriven", async () => {
    const tenant = await bench.tenant();
    await bench.land(tenant, "tickets", FIRST, [ticket(1, 1)]);
    const held = await startHeld(tenant);
    const runId = await held.begin();
    await until("the run waits for its table", async () =>
      (await bench.events(runId)).some((event) => event.event === "waiting_for_lease"),
    );
    await cancelRun(bench.db, { runId, requestedBy: "ops" });
    await held.letGo();
    expect((await machine.settle(runId)).status).toBe("cancelled");
    await redriveRun(bench.db, { runId, requestedBy: "ops" });
    expect((await machine.settle(runId)).status).toBe("succeeded");
    expect(await bench.history(tenant, "tickets")).toHaveLength(1);
  });

  it("is told by EventBridge where no console is up", async () => {
    const tenant = await bench.tenant();
    machine.aws.failNext("Initializer", "Runtime.ImportModuleError");
    const runId = await machine.start(tenant, ["tickets"], "incremental");
    await machine.aws.idle();
    // The initializer never came to say that it has begun.
    const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 60_000 };
    const event = {
      source: "aws.states",
      "detail-type": "Step Functions Execution Status Change",
      detail: {
        executionArn: machine.aws.execution(runId).arn,
        status: "FAILED",
        input: machine.aws.execution(runId).input,
        stopDate: Date.now(),
        error: "Runtime.ImportModuleError",
        cause: "as the test wants it",
      },
    };
    expect(await deadLetter(event, context)).toEqual({ run_id: runId, settled: "ended" });
    expect((await machine.run(runId)).status).toBe("failed");
    expect(machine.aws.messages.filter((message) => message["run_id"] === runId)).toHaveLength(1);
    expect(await deadLetter(event, context)).toEqual({ run_id: runId, settled: "ended" });
    expect(machine.aws.messages.filter((message) => message["run_id"] === runId)).toHaveLength(1);
  });

  it("of this machine cannot be redriven, and says what to do", async () => {
    const tenant = await bench.tenant();
    const runId = await machine.locally(tenant, ["tickets"], "incremental");
    await expect(redriveRun(bench.db, { runId, requestedBy: "ops" })).rejects.toThrow(
      /Start a new run/,
    );
  });
});

describe("the secret", () => {
  it("is read again when ClickHouse refuses the account", async () => {
    const right = machine.aws.secret;
    machine.aws.secret = { ...right, password: "rotated away" };
    const connection = await openClickHouse("test");
    const db = createDb(connection);
    const asks = (): number =>
      machine.aws.requests.filter((one) => one === "GetSecretValue").length;
    try {
      const before = asks();
      await expect(db.command({ name: "test.refused", sql: "SELECT 1" })).rejects.toMatchObject({
        transient: false,
        type: "AUTHENTICATION_FAILED",
      });
      machine.aws.secret = right;
      await Promise.all(
        [1, 2, 3].map(async () => db.command({ name: "test.admitted", sql: "SELECT 1" })),
      );
      expect(asks() - before).toBeLessThanOrEqual(4);
      await db.command({ name: "test.admitted", sql: "SELECT 1" });
    } finally {
      machine.aws.secret = right;
      await db.close();
    }
  });

  it.each([
    [{ password: "x" }, /host or url/],
    [{ host: "h", username: "u" }, /password/],
  ])("that says too little is refused without being quoted", async (secret, words) => {
    const right = machine.aws.secret;
    machine.aws.secret = { ...secret, more: "s3cret" };
    try {
      const opening = openClickHouse("test");
      await expect(opening).rejects.toThrow(words);
      await expect(opening).rejects.not.toThrow(/s3cret/);
    } finally {
      machine.aws.secret = right;
    }
  });
});

it("sent nothing that a service would refuse, and no row data", () => {
  expect(machine.aws.faults).toEqual([]);
  const longest = [...machine.aws.executions.values()].flatMap((execution) =>
    execution.history.map((event) => JSON.stringify(event).length),
  );
  expect(Math.max(...longest)).toBeLessThan(10_000);
  expect(new Set(machine.aws.requests)).toEqual(
    new Set([
      "StartExecution",
      "StopExecution",
      "DescribeExecution",
      "GetExecutionHistory",
      "RedriveExecution",
      "GetSecretValue",
      "SendMessage",
    ]),
  );
  overrideEnv({ ORCHESTRATOR: "local" });
});
