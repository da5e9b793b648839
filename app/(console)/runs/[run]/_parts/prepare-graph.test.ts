import { describe, expect, it } from "vitest";
import type { RunReply, RunTable } from "@/lib/contracts/runs";
import { stateMachine } from "@/server/runs/state-machine";
import { flowOutline } from "./flow-outline";
import { prepareGantt } from "./prepare-gantt";
import { prepareGraph } from "./prepare-graph";

const ledger = { read: 0, new: 0, changed: 0, deleted: 0, unchanged: 0, duplicate: 0, rejected: 0 };
const at = (second: number): string =>
  new Date(Date.UTC(2026, 10, 22, 12, 0, second)).toISOString();

function table(change: Partial<RunTable>): RunTable {
  return {
    tableName: "tickets",
    status: "running",
    step: "merge",
    attempt: 1,
    objectsTotal: 1,
    objectsDone: 0,
    bytesTotal: 1,
    bytesDone: 0,
    rowsTotal: 100,
    rowsDone: 62,
    rowsPerSecond: 1,
    ledger,
    versions: 0,
    current: 0,
    startedAt: at(1),
    finishedAt: null,
    error: "",
    usualSeconds: null,
    ...change,
  };
}

function reply(
  status: RunReply["run"]["status"],
  tables: RunTable[],
  steps: RunReply["steps"],
): RunReply {
  return {
    asOf: at(30),
    run: {
      runId: "01",
      tenantId: "acme",
      tenantName: "Acme",
      mode: "incremental",
      status,
      tables: ["tickets"],
      trigger: "test",
      requestedBy: "ann",
      createdAt: at(0),
      startedAt: status === "queued" ? null : at(0),
      finishedAt: ["queued", "running"].includes(status) ? null : at(30),
      heartbeatAt: at(30),
      cancelRequestedBy: "",
      error: "",
      steps: [],
      attempt: 1,
      objectsTotal: 1,
      objectsDone: 0,
      bytesTotal: 1,
      rowsTotal: 100,
      rowsDone: 62,
      rowsPerSecond: 1,
      queuePosition: null,
      ledger,
    },
    timeZone: "UTC",
    rejectThresholdPercent: 10,
    tables,
    steps,
    stepsCapped: false,
    estimate: null,
    pastRuns: 0,
  };
}

const step = (
  name: string,
  from: number,
  to: number | null,
  change: object = {},
): RunReply["steps"][0] => ({
  tableName: "tickets",
  attempt: 1,
  batch: 1,
  step: name,
  status: to === null ? "running" : "succeeded",
  startedAt: at(from),
  finishedAt: to === null ? null : at(to),
  error: "",
  ...change,
});
const initialize = step("initialize", 0, 1, { tableName: "" });
const outline = flowOutline(stateMachine);

describe("the state graph", () => {
  const states = (of: RunReply) =>
    prepareGraph(outline, of).nodes.map((node) => [node.name, node.state]);

  it("follows the definition along the run's strategy", () => {
    expect(states(reply("running", [table({})], [initialize]))).toEqual([
      ["Initialize", "succeeded"],
      ["Strategy", "succeeded"],
      ["Map", "running"],
      ["Validate", "queued"],
    ]);
    expect(states(reply("queued", [], []))).toEqual([
      ["Initialize", "queued"],
      ["Strategy", "queued"],
      ["Map", "queued"],
      ["Validate", "queued"],
    ]);
  });

  it("draws the way to the dead letters only when it was taken", () => {
    const failed = reply(
      "failed",
      [table({ status: "failed", finishedAt: at(20) })],
      [initialize, step("validate", 21, 22, { tableName: "" })],
    );
    const graph = prepareGraph(outline, failed);
    expect(graph.nodes.at(-1)).toMatchObject({ id: "dead-letter", fact: "1 table" });
    expect(graph.edges.at(-1)).toMatchObject({ from: "IncrementalDataMovement", failed: true });
  });
});

describe("the Gantt", () => {
  it("shows a failed attempt with its reason, the wait, and the attempt that goes on", () => {
    const steps = [
      step("stage", 1, 3),
      step("merge", 3, 6, { status: "failed", error: "Memory limit. More words." }),
      step("merge", 16, null, { attempt: 2 }),
    ];
    const [row] = prepareGantt(reply("running", [table({ attempt: 2 })], steps)).rows;
    expect(row?.bars.map((bar) => [bar.step, bar.kind, bar.reason])).toEqual([
      ["stage", "done", undefined],
      ["merge", "failed", "attempt 1: Memory limit"],
      ["wait", "wait", "waited 10 s"],
      ["merge", "active", undefined],
    ]);
  });

  it("ends a step that its dead process left open where the next one began", () => {
    const steps = [step("stage", 1, null), step("stage", 9, 12, { attempt: 2 })];
    const [row] = prepareGantt(reply("running", [table({ attempt: 2 })], steps)).rows;
    expect(row?.bars[0]).toMatchObject({ kind: "failed", reason: "attempt 1: interrupted" });
    expect(row?.bars[0]?.toMs).toBe(Date.parse(at(9)));
  });
});
