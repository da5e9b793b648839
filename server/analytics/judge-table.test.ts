import { describe, expect, it } from "vitest";
import type { TableRun } from "@/lib/contracts/fleet";
import { judgeTable, tenantHealth } from "./judge-table";

const NOW = "2026-11-22T12:00:00.000Z";

function run(change: Partial<TableRun>): TableRun {
  return {
    runId: "01",
    status: "succeeded",
    step: "",
    startedAt: "2026-11-22T11:40:00.000Z",
    finishedAt: "2026-11-22T11:45:00.000Z",
    read: 0,
    accounted: 0,
    rejected: 0,
    rowsPerSecond: 0,
    heartbeatAt: NOW,
    error: "",
    ...change,
  };
}

function judge(newestObjectAt: string | null, lastRun: TableRun | null) {
  return judgeTable({
    asOf: NOW,
    newestObjectAt,
    targetMinutes: 30,
    rejectThresholdPercent: 10,
    lastRun,
  });
}

const LATE = "2026-11-22T10:00:00.000Z";

describe("judgeTable", () => {
  it("has no cause within the target, and no age before the first load", () => {
    expect(judge("2026-11-22T11:50:00.000Z", run({}))).toEqual({
      ageSeconds: 600,
      state: "within",
      cause: null,
    });
    expect(judge(null, run({ status: "running" }))).toEqual({
      ageSeconds: null,
      state: "never",
      cause: null,
    });
  });

  it.each([
    [run({}), "late", "no_file"],
    [run({ finishedAt: LATE }), "late", "waiting"],
    [null, "late", "waiting"],
    [run({ status: "queued" }), "late", "queued"],
    [run({ status: "running", step: "stage" }), "late", "loading"],
    [run({ status: "retrying", step: "audit" }), "late", "validating"],
    [run({ status: "running", step: "publish" }), "late", "publishing"],
    [run({ status: "failed", read: 100, rejected: 11 }), "blocked", "rejected"],
    [run({ status: "failed", read: 100, rejected: 10 }), "blocked", "held"],
    [run({ status: "stalled", step: "merge" }), "blocked", "merging"],
    [run({ status: "unbalanced" }), "blocked", "held"],
    [run({ status: "cancelled" }), "late", "waiting"],
  ] as const)("names the cause past the target", (lastRun, state, cause) => {
    expect(judge(LATE, lastRun)).toMatchObject({ state, cause });
  });
});

describe("tenantHealth", () => {
  const table = { state: "within", lastRun: run({}), invariantsBroken: [] } as const;

  it("is the worst of its tables, and those never loaded count only when all are", () => {
    const never = { state: "never", lastRun: null, invariantsBroken: [] } as const;
    expect(tenantHealth([table, never])).toBe("healthy");
    expect(tenantHealth([never, never])).toBe("unknown");
    expect(tenantHealth([table, { ...table, lastRun: run({ status: "partial" }) }])).toBe(
      "warning",
    );
    expect(tenantHealth([table, { ...table, invariantsBroken: ["no overlap"] }])).toBe("degraded");
  });
});
