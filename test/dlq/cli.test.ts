import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, expect, inject, it } from "vitest";

import { LoadBench } from "../support/load";
import { DlqTenant, TABLE, ticket } from "./dlq-bench";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

async function avesa(
  ...args: readonly string[]
): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(
    process.execPath,
    ["scripts/avesa.mjs", ...args, "--data", inject("dataDir"), "--store", bench.storeDir],
    { env: { ...process.env, CLICKHOUSE_DATABASE: bench.db.database, CLICKHOUSE_URL: "" } },
  );
  child.stdin.end();
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code: child.exitCode, out, err };
}

it(
  "the command line lists, shows, tries, replays and discards dead letters",
  { timeout: 180_000 },
  async () => {
    const tenant = await DlqTenant.of(bench);
    await tenant.land("a-20240601T000000Z-1.ndjson", [
      ticket("T1", "2024-05-01", "new", { budget_hours: "many" }),
      ticket("T2", "2024-05-01", "new", { budget_hours: "few" }),
      ticket("T3", "2024-05-01", null),
    ]);
    await tenant.load();
    const [first, second, third] = await tenant.letters("open");
    const whose = ["--tenant", tenant.tenantId];

    const [groups, list, shown] = await Promise.all([
      avesa("dlq", "list", ...whose, "--groups"),
      avesa("dlq", "list", ...whose, "--fingerprint", first?.fingerprint ?? ""),
      avesa("dlq", "show", first?.id ?? ""),
    ]);
    const lines = (out: string): unknown[] =>
      out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as unknown);
    expect(lines(groups.out)).toMatchObject([
      { cause: "budget_hours is not a number", count: 2 },
      { cause: "status is missing", count: 1 },
    ]);
    expect(new Set(lines(list.out).map((row) => (row as { id: string }).id))).toEqual(
      new Set([first?.id, second?.id]),
    );
    expect(JSON.parse(shown.out)).toMatchObject({
      id: first?.id,
      tableName: TABLE,
      kind: "record",
    });

    const all = [...whose, "--all", "--fingerprint", first?.fingerprint ?? ""];
    const [tried, wrong, nothing] = await Promise.all([
      avesa("dlq", "replay", ...all, "--set", "budget_hours=2,5", "--dry-run"),
      avesa("dlq", "replay", ...whose),
      avesa("dlq", "discard", ...whose, third?.id ?? "", "--reason", "x"),
    ]);
    expect(tried).toMatchObject({
      code: 1,
      err: expect.stringContaining("2 dead letters of tickets"),
    });
    expect(tried.out).toContain("Would fail again: budget_hours is not a number");
    expect(wrong).toMatchObject({ code: 2, err: expect.stringContaining("--all") });
    expect(nothing).toMatchObject({ code: 1, err: expect.stringContaining("Say why") });

    const [replayed, discarded] = await Promise.all([
      avesa("dlq", "replay", ...all, "--set", "budget_hours=2.5", "--reason", "decimal comma"),
      avesa("dlq", "discard", ...whose, third?.id ?? "", "--reason", "a test record"),
    ]);
    expect(replayed.code).toBe(0);
    expect(lines(replayed.out)).toMatchObject([{ status: "succeeded", read: 2, new: 2 }]);
    expect(discarded).toMatchObject({
      code: 0,
      err: expect.stringContaining("Discarded 1 dead letter"),
    });
    expect((await tenant.letters()).map((letter) => letter.status)).toEqual([
      "replayed",
      "replayed",
      "discarded",
    ]);
    expect((await tenant.history()).map((row) => row["budget_hours"])).toEqual(["2.50", "2.50"]);
  },
);
