import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { balances, LoadBench } from "../support/load";
import { DlqTenant, ticket } from "./dlq-bench";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

describe("a replayed record", () => {
  it("keeps its place in history, late or early, and does nothing the second time", async () => {
    const tenant = await DlqTenant.of(bench);
    await tenant.land("a-20240601T000000Z-1.ndjson", [
      ticket("T1", "2024-05-01T00:00:00Z", "new"),
      ticket("T1", "2024-05-03T00:00:00Z", "new", { budget_hours: "1,5", summary: "late" }),
      ticket("T1", "2024-05-05T00:00:00Z", "done"),
      ticket("T2", "2024-05-01T00:00:00Z", null),
    ]);
    expect(await tenant.load()).toMatchObject({ status: "succeeded", read: 4, rejected: 2 });
    const open = await tenant.letters("open");
    expect(open).toMatchObject([
      { entity: "T1", row: 2 },
      { entity: "T2", row: 4 },
    ]);
    const [late = "", early = ""] = open.map((letter) => letter.id);

    const fails = await tenant.dryRun([late]);
    expect(fails.verdicts).toMatchObject([
      { kind: "fails", words: "Would fail again: budget_hours is not a number" },
    ]);
    const dry = await tenant.dryRun([late], { budget_hours: "1.5" });
    expect(dry.verdicts).toMatchObject([{ words: "Would open version 2, close version 1" }]);
    expect(dry.detail?.after).toHaveLength(3);
    expect(dry.detail?.fields).toEqual([
      { field: "summary", before: null, after: "late" },
      { field: "budget_hours", before: null, after: "1.5" },
    ]);
    expect(await tenant.history()).toHaveLength(2);

    const run = await tenant.replay([late], { budget_hours: "1.5" });
    expect(run).toMatchObject({ status: "succeeded", read: 1, changed: 1, rejected: 0, error: "" });
    const history = await tenant.history();
    expect(history.map((row) => [row["effective_start_date"], row["budget_hours"]])).toEqual([
      ["2024-05-01T00:00:00.000Z", null],
      ["2024-05-03T00:00:00.000Z", "1.50"],
      ["2024-05-05T00:00:00.000Z", null],
    ]);
    expect(await tenant.letters("replayed")).toMatchObject([
      { id: late, replays: 1, resolved_by: "test" },
    ]);

    expect((await tenant.dryRun([late])).verdicts).toMatchObject([{ kind: "nothing" }]);
    const again = await tenant.replay([late]);
    expect(again).toMatchObject({ status: "succeeded", read: 1, new: 0, changed: 0, rejected: 0 });
    expect(balances(again)).toBe(true);
    expect(await tenant.history()).toEqual(history);

    expect((await tenant.dryRun([early], { status: "open" })).verdicts).toMatchObject([
      { words: "Would open version 1" },
    ]);
    await tenant.replay([early], { status: "open" });
    const after = await tenant.history();
    expect(after).toHaveLength(4);
    expect(await tenant.complaints()).toEqual([]);

    expect(await tenant.load("bulk")).toMatchObject({ status: "succeeded", read: 4, rejected: 0 });
    expect(await tenant.history()).toEqual(after);
    expect(await tenant.letters("open")).toEqual([]);
    expect(await tenant.complaints()).toEqual([]);
  });
});
