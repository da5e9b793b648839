import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CliContext, Verb } from "@/server/cli/verb";
import { verb as pause } from "@/server/cli/tenant-pause";
import { verb as resume } from "@/server/cli/tenant-resume";
import { verb as set } from "@/server/cli/tenant-set";
import { verb as show } from "@/server/cli/tenant-show";
import { registerTenant } from "@/server/tenants/register-tenant";

import { type TestDb, testDb, testTenant } from "../support/clickhouse";
import { putStates } from "../support/operations";
import { useDb } from "../support/sign-in";

let test: TestDb;
let tenant: string;

beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
  tenant = testTenant();
  await registerTenant(test.db, { tenantId: tenant, timeZone: "Europe/Berlin", createdBy: "test" });
  await putStates(test.db, [{ tenant_id: tenant }]);
});
afterAll(() => test.close());

/** Runs a verb in this process; gives what it printed and said. */
async function run(
  verb: Verb,
  flags: Record<string, string | boolean>,
): Promise<{ out: string; said: string }> {
  const out: string[] = [];
  const said: string[] = [];
  const context: CliContext = {
    flags: { tenant, ...flags } as unknown as CliContext["flags"],
    positionals: [],
    signal: new AbortController().signal,
    print: (line) => void out.push(line),
    say: (line) => void said.push(line),
  };
  expect(await verb.run(context)).toBe(0);
  return { out: out.join("\n"), said: said.join("\n") };
}

describe("avesa tenant", () => {
  it("shows, changes, pauses and resumes", async () => {
    expect((await run(show, {})).out).toMatch(/^schedule +every 15 min$/m);
    const changed = await run(set, {
      cron: "30 5 * * 1-5",
      priority: "high",
      "tables-at-once": "2",
    });
    expect(changed.out.split("\n").toSorted()).toEqual([
      "cron:  → 30 5 * * 1-5",
      "priority: normal → high",
      "scheduleKind: interval → cron",
      "tablesAtOnce: 6 → 2",
    ]);
    expect((await run(set, { priority: "high" })).said).toBe("It was so already.");
    const shown = (await run(show, {})).out;
    expect(shown).toMatch(/^schedule +30 5 \* \* 1-5, Berlin time$/m);
    expect(shown).toMatch(/^next increment +\d{4}-\d\d-\d\dT0[34]:30:00\.000Z$/m);
    expect(shown).toMatch(/^increments are started +by nobody now/m);

    expect((await run(pause, { reason: "moved" })).said).toBe(`${tenant} is paused.`);
    expect((await run(pause, {})).said).toBe(`${tenant} was paused already.`);
    expect((await run(show, {})).out).toMatch(
      /never by itself: paused by cli:\S+ at \S+ \(moved\)/,
    );
    const reply = JSON.parse((await run(show, { json: true })).out) as {
      settings: { paused: boolean };
    };
    expect(reply.settings.paused).toBe(true);
    expect((await run(resume, {})).said).toBe(`${tenant} goes on by itself.`);
    expect((await run(resume, {})).said).toBe(`${tenant} was not paused.`);
  });

  it.each([
    [{ every: "5", cron: "* * * * *" }, /--every or --cron, not both/],
    [{}, /Name what is to change/],
    [{ every: "often" }, /--every must be a number/],
    [{ every: "0" }, /intervalMinutes: At least 1/],
    [{ cron: "99 * * * *" }, /cron: Not a cron expression: .*minute/],
    [{ zone: "Mars", cron: "0 5 * * *" }, /scheduleTimeZone: This is not a time zone/],
    [{ priority: "urgent" }, /priority: Expected low, normal or high/],
  ])("refuses %j in words", async (flags, message) => {
    await expect(run(set, flags as Record<string, string>)).rejects.toThrow(message);
  });
});
