import { describe, expect, it } from "vitest";
import { inOrder, isInTheWay, type QueuedRun } from "./queue";
import { slotRunId, slotVersion } from "./run-slot";

const run = (
  id: string,
  tenant: string,
  priority: QueuedRun["priority"] = "normal",
): QueuedRun => ({
  run_id: id,
  tenant_id: tenant,
  tables: [],
  priority,
});
const ids = (queue: QueuedRun[], atWork: string[] = []): string =>
  inOrder(queue, atWork)
    .map((one) => one.run_id)
    .join(" ");

describe("the queue", () => {
  it("lets tenants take turns, each tenant's runs oldest first", () => {
    const queue = [run("a1", "a"), run("a2", "a"), run("a3", "a"), run("b1", "b"), run("c1", "c")];
    expect(ids(queue)).toBe("a1 b1 c1 a2 a3");
    expect(ids(queue, ["a", "a"])).toBe("b1 c1 a1 a2 a3");
  });

  it("gives a higher priority more turns, and none all of them", () => {
    const queue = ["1", "2", "3"].flatMap((n) => [
      run(`low${n}`, "l", "low"),
      run(`high${n}`, "h", "high"),
    ]);
    expect(ids(queue)).toBe("low1 high1 high2 high3 low2 low3");
  });

  it("knows which runs of a tenant wait for each other", () => {
    const of = (tenant: string, ...tables: string[]) => ({ tenant_id: tenant, tables });
    expect(isInTheWay(of("a"), of("a", "tickets"))).toBe(true);
    expect(isInTheWay(of("a", "tickets"), of("a", "tickets", "contacts"))).toBe(true);
    expect(isInTheWay(of("a", "tickets"), of("a", "contacts"))).toBe(false);
    expect(isInTheWay(of("a"), of("b"))).toBe(false);
  });
});

describe("the run of a slot", () => {
  const slot = { tenantId: "acme", at: Date.parse("2026-11-22T10:15:00Z"), cause: "schedule" };

  it("has the same id however often it is started, and another for any other slot", () => {
    expect(slotRunId(slot)).toBe(slotRunId({ ...slot }));
    expect(slotRunId(slot)).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    const others = [
      { ...slot, tenantId: "acm" },
      { ...slot, at: slot.at + 1 },
      { ...slot, cause: "event" },
    ];
    expect(new Set([slot, ...others].map(slotRunId)).size).toBe(4);
    expect(slotRunId({ ...slot, at: slot.at + 1000 }) > slotRunId(slot)).toBe(true);
  });

  it("is older than anything written of it since", () => {
    expect(BigInt(slotVersion(slot))).toBe(BigInt(slot.at) * 1000n);
  });
});
