import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { GET as getFleet } from "@/app/api/v1/fleet/route";
import { POST as pause } from "@/app/api/v1/tenants/[tenant]/pause/route";
import { POST as resume } from "@/app/api/v1/tenants/[tenant]/resume/route";
import { GET as show, POST as set } from "@/app/api/v1/tenants/[tenant]/settings/route";
import { FleetReply } from "@/lib/contracts/fleet";
import { TenantSettingsReply } from "@/lib/contracts/tenant-settings";
import { registerTenant } from "@/server/tenants/register-tenant";
import { findTenant } from "@/server/tenants/find-tenant";
import { nextVersion } from "@/server/runs/version";

import { type TestDb, testDb, testTenant } from "../support/clickhouse";
import { ago, putRunTables, putRuns, putStates } from "../support/operations";
import { addUser, ORIGIN, post, sessionCookie, useDb } from "../support/sign-in";
import { NextRequest } from "next/server";

let test: TestDb;
const cookies = new Map<string, string>();

beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
  for (const role of ["viewer", "operator", "admin"] as const) {
    await addUser(test.db, `the-${role}`, role);
    cookies.set(role, await sessionCookie(test.db, `the-${role}`));
  }
});
afterAll(() => test.close());

async function tenant(): Promise<string> {
  const tenantId = testTenant();
  await registerTenant(test.db, { tenantId, timeZone: "Europe/Stockholm", createdBy: "test" });
  return tenantId;
}

type Role = "viewer" | "operator" | "admin";
const of = (tenantId: string) => ({ params: Promise.resolve({ tenant: tenantId }) });
const headers = (role: Role): Record<string, string> => ({ cookie: cookies.get(role) ?? "" });

async function send(
  door: typeof set,
  verb: string,
  tenantId: string,
  body: unknown,
  role: Role = "admin",
): Promise<{ status: number; body: unknown }> {
  const request = post(`/api/v1/tenants/${tenantId}/${verb}`, body, headers(role));
  const response = await door(request, of(tenantId));
  return { status: response.status, body: await response.json() };
}

async function read(tenantId: string): Promise<TenantSettingsReply> {
  const request = new NextRequest(`${ORIGIN}/api/v1/tenants/${tenantId}/settings`, {
    headers: headers("viewer"),
  });
  return TenantSettingsReply.parse(await (await show(request, of(tenantId))).json());
}

/** The tenant has tables, and a look found something waiting. */
async function withBacklog(tenantId: string, checkedSecondsAgo: number): Promise<void> {
  await putStates(test.db, [{ tenant_id: tenantId, newest_object_at: ago(7200) }]);
  await test.db.insert("schedule_checks", [
    {
      tenant_id: tenantId,
      checked_at: ago(checkedSecondsAgo),
      cause: "schedule",
      outcome: "started",
      slot_at: ago(checkedSecondsAgo),
      run_id: "",
      waiting: [
        { table_name: "tickets", objects: 12, bytes: 3400, oldest_at: ago(5000) },
        { table_name: "contacts", objects: 1, bytes: 100, oldest_at: ago(6000) },
      ],
      oddities: "",
      error: "",
      version: nextVersion(),
    },
  ]);
}

describe("a tenant's settings", () => {
  it("begin with an increment every 15 minutes, once it was loaded", async () => {
    const tenantId = await tenant();
    const before = await read(tenantId);
    expect(before.settings).toMatchObject({
      scheduleKind: "interval",
      intervalMinutes: 15,
      priority: "normal",
      tablesAtOnce: 6,
      rejectThresholdPercent: 10,
      paused: false,
    });
    expect(before).toMatchObject({ loaded: false, nextTimes: [], check: null, scheduler: null });
    expect(before.standing).toMatchObject({ schedule: "every 15 min", nextAt: null });
    await putStates(test.db, [{ tenant_id: tenantId }]);
    const after = await read(tenantId);
    expect(after.loaded).toBe(true);
    expect(after.nextTimes).toHaveLength(3);
    expect(Date.parse(after.standing.nextAt ?? "") - Date.now()).toBeLessThanOrEqual(900_000);
  });

  it("change as far as they are named, and the audit keeps what was and what is", async () => {
    const tenantId = await tenant();
    await putStates(test.db, [{ tenant_id: tenantId }]);
    const changed = await send(set, "settings", tenantId, {
      scheduleKind: "cron",
      cron: "30 5 * * *",
      priority: "high",
      rejectThresholdPercent: 2.5,
    });
    expect(changed.status).toBe(200);
    const { settings, standing, nextTimes } = await read(tenantId);
    expect(settings).toMatchObject({
      cron: "30 5 * * *",
      priority: "high",
      rejectThresholdPercent: 2.5,
      intervalMinutes: 15,
    });
    expect(standing.schedule).toBe("30 5 * * *, Stockholm time");
    const local = new Intl.DateTimeFormat("en-GB", {
      timeZone: "Europe/Stockholm",
      timeStyle: "short",
    });
    expect(nextTimes.map((at) => local.format(new Date(at)))).toEqual(["05:30", "05:30", "05:30"]);
    const audit = await test.db.rows(
      {
        name: "test.audit",
        params: { tenant_id: tenantId },
        sql: "SELECT actor, action, before, after FROM audit WHERE tenant_id = {tenant_id:String}",
      },
      z.object({ actor: z.string(), action: z.string(), before: z.string(), after: z.string() }),
    );
    expect(audit).toEqual([
      {
        actor: "the-admin",
        action: "tenant:settings",
        before: JSON.stringify({
          scheduleKind: "interval",
          cron: "",
          priority: "normal",
          rejectThresholdPercent: 10,
        }),
        after: JSON.stringify({
          scheduleKind: "cron",
          cron: "30 5 * * *",
          priority: "high",
          rejectThresholdPercent: 2.5,
        }),
      },
    ]);
  });

  it.each([
    [{ intervalMinutes: 0 }, "intervalMinutes", /At least 1/],
    [{ intervalMinutes: 1.5 }, "intervalMinutes", /whole number/],
    [{ scheduleKind: "cron" }, "cron", /five fields/],
    [{ scheduleKind: "cron", cron: "0 0 31 2 *" }, "cron", /never/],
    [{ scheduleTimeZone: "Mars/Olympus" }, "scheduleTimeZone", /not a time zone/],
    [{ priority: "urgent" }, "priority", /low, normal or high/],
    [{ tablesAtOnce: 11 }, "tablesAtOnce", /At most 10/],
    [{ rejectThresholdPercent: 101 }, "rejectThresholdPercent", /At most 100/],
    [{ rejectThresholdPercent: "ten" }, "rejectThresholdPercent", /Give a number/],
  ])(
    "refuse %j, with the field and its limit, and stay as they were",
    async (wanted, path, message) => {
      const tenantId = await tenant();
      const { status, body } = await send(set, "settings", tenantId, wanted);
      expect(status).toBe(422);
      const { faults } = body as { faults: { path: string; message: string }[] };
      expect(faults).toEqual([{ path, message: expect.stringMatching(message) }]);
      expect((await findTenant(test.db, tenantId))?.version).toBe(1);
    },
  );

  it("may be changed by administrators, and a tenant paused by operators", async () => {
    const tenantId = await tenant();
    expect((await send(set, "settings", tenantId, { intervalMinutes: 5 }, "operator")).status).toBe(
      403,
    );
    expect((await send(pause, "pause", tenantId, {}, "viewer")).status).toBe(403);
    const paused = await send(
      pause,
      "pause",
      tenantId,
      { reason: "Their source is down" },
      "operator",
    );
    expect(paused).toMatchObject({
      status: 200,
      body: {
        after: { paused: true, pausedBy: "the-operator", pauseReason: "Their source is down" },
      },
    });
    await putStates(test.db, [{ tenant_id: tenantId }]);
    expect(await read(tenantId)).toMatchObject({
      nextTimes: [],
      standing: { paused: true, nextAt: null },
    });
    // Paused already: nothing is written over who did it and why.
    await send(pause, "pause", tenantId, { reason: "again" }, "admin");
    expect((await read(tenantId)).settings).toMatchObject({
      pausedBy: "the-operator",
      pauseReason: "Their source is down",
    });
    await send(resume, "resume", tenantId, {}, "operator");
    expect((await read(tenantId)).settings).toMatchObject({
      paused: false,
      pausedBy: "",
      pausedAt: null,
    });
    expect((await send(set, "settings", "nobody", { intervalMinutes: 5 })).status).toBe(404);
  });

  it("keep columns that this part of the product knows nothing of", async () => {
    const tenantId = await tenant();
    await test.db.command({
      name: "test.column",
      sql: "ALTER TABLE tenants ADD COLUMN IF NOT EXISTS of_a_later_release String DEFAULT 'kept'",
    });
    await test.db.command({
      name: "test.column.set",
      params: { tenant_id: tenantId },
      sql: "INSERT INTO tenants SELECT * REPLACE ('mine' AS of_a_later_release, 2 AS version) FROM tenants FINAL WHERE tenants.tenant_id = {tenant_id:String}",
    });
    await send(set, "settings", tenantId, { intervalMinutes: 5 });
    const row = await test.db.row(
      {
        name: "test.column.read",
        params: { tenant_id: tenantId },
        sql: "SELECT of_a_later_release AS kept FROM tenants FINAL WHERE tenant_id = {tenant_id:String}",
      },
      z.object({ kept: z.string() }),
    );
    expect(row.kept).toBe("mine");
  });
});

describe("the backlog", () => {
  it("is what the newest look found, until a run has taken it in", async () => {
    const tenantId = await tenant();
    await withBacklog(tenantId, 60);
    const before = await read(tenantId);
    expect(before.standing).toMatchObject({ waitingObjects: 13, waitingBytes: 3500 });
    expect(Date.now() - Date.parse(before.standing.oldestWaitingAt ?? "")).toBeGreaterThan(
      5_900_000,
    );
    const request = new NextRequest(`${ORIGIN}/api/v1/fleet`, { headers: headers("viewer") });
    const fleet = FleetReply.parse(await (await getFleet(request, of(tenantId))).json());
    const row = fleet.rows.find((one) => one.tenantId === tenantId);
    expect(row?.schedule).toMatchObject({ waitingObjects: 13, paused: false });

    await putRuns(test.db, [
      { run_id: "01TAKENIN", tenant_id: tenantId, status: "succeeded", finished_at: ago(5) },
    ]);
    await putRunTables(test.db, [
      { run_id: "01TAKENIN", tenant_id: tenantId, finished_at: ago(5) },
    ]);
    expect((await read(tenantId)).standing).toMatchObject({
      waitingObjects: 0,
      oldestWaitingAt: null,
    });
  });

  it("says no file where a look found none, and waiting where one lies there", async () => {
    const cause = async (found: boolean): Promise<string | null | undefined> => {
      const tenantId = await tenant();
      await putStates(test.db, [{ tenant_id: tenantId, newest_object_at: ago(7200) }]);
      await putRuns(test.db, [
        {
          run_id: `01OLD${tenantId}`,
          tenant_id: tenantId,
          started_at: ago(7000),
          finished_at: ago(6900),
        },
      ]);
      await putRunTables(test.db, [
        {
          run_id: `01OLD${tenantId}`,
          tenant_id: tenantId,
          started_at: ago(7000),
          finished_at: ago(6900),
        },
      ]);
      await test.db.insert("schedule_checks", [
        {
          tenant_id: tenantId,
          checked_at: ago(60),
          cause: "schedule",
          outcome: "nothing_new",
          slot_at: ago(60),
          run_id: "",
          waiting: found
            ? [{ table_name: "tickets", objects: 1, bytes: 1, oldest_at: ago(100) }]
            : [],
          oddities: "",
          error: "",
          version: nextVersion(),
        },
      ]);
      const request = new NextRequest(`${ORIGIN}/api/v1/fleet`, { headers: headers("viewer") });
      const fleet = FleetReply.parse(await (await getFleet(request, of(tenantId))).json());
      return fleet.rows
        .find((one) => one.tenantId === tenantId)
        ?.tables.find((table) => table.tableName === "tickets")?.cause;
    };
    expect(await cause(false)).toBe("no_file");
    expect(await cause(true)).toBe("waiting");
  });
});
