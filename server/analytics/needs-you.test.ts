import { expect, it } from "vitest";
import type { TableStanding, TenantStanding } from "@/lib/contracts/fleet";
import { needsYou } from "./needs-you";

const NOW = "2026-11-22T12:00:00.000Z";

function tenant(tenantId: string, status: "partial" | "succeeded", error: string): TenantStanding {
  const table: TableStanding = {
    tableName: "tickets",
    newestObjectAt: NOW,
    ageSeconds: 0,
    targetMinutes: 30,
    state: "within",
    cause: null,
    entities: 1,
    versions: 1,
    current: 1,
    invariantsHeld: 6,
    invariantsChecked: 6,
    invariantsBroken: [],
    lastGoodAt: NOW,
    lastRun: {
      runId: `run-${tenantId}`,
      status,
      step: "",
      startedAt: NOW,
      finishedAt: NOW,
      read: 10,
      accounted: 10,
      rejected: 0,
      rowsPerSecond: 1,
      heartbeatAt: NOW,
      error,
    },
  };
  return {
    tenantId,
    name: tenantId,
    sourceSystem: "servicenow",
    timeZone: "UTC",
    health: "warning",
    targetMinutes: 30,
    rejectThresholdPercent: 10,
    createdAt: NOW,
    createdBy: "test",
    schedule: {
      paused: false,
      priority: "normal",
      schedule: "every 15 min",
      nextAt: NOW,
      checkedAt: null,
      waitingObjects: 0,
      waitingBytes: 0,
      oldestWaitingAt: null,
    },
    tables: [table],
    rows: 1,
    rejected: 0,
    read: 10,
    lastRun: null,
  };
}

const MISSING = "1 object could not be taken in; see the dead letters.";

it("leads from a partial run to what is missing, and says nothing of a good one", () => {
  expect(needsYou([tenant("a", "succeeded", "")], NOW)).toEqual([]);
  expect(needsYou([tenant("a", "partial", MISSING)], NOW)).toMatchObject([
    {
      status: "partial",
      sentence: MISSING,
      action: "See what is missing",
      target: { kind: "rejects", tenantId: "a", tableName: "tickets" },
    },
  ]);
});

it("says the same of two tenants once", () => {
  const needs = needsYou([tenant("a", "partial", MISSING), tenant("b", "partial", MISSING)], NOW);
  expect(needs).toMatchObject([
    { who: "2 tenants", what: "tickets", target: { kind: "filter", health: "warning" } },
  ]);
});

it("has a line for a plan that waits, even behind a newer run that went well", () => {
  const plan = { runId: "r1", tenantId: "a", tables: ["tickets"], deletions: 55, since: NOW };
  expect(needsYou([tenant("a", "succeeded", "")], NOW, [plan])).toMatchObject([
    {
      status: "waiting_approval",
      sentence: "A plan waits for approval; it would delete 55 records.",
      action: "Review plan",
      target: { kind: "run", runId: "r1" },
    },
  ]);
});
