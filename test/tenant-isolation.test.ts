import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Actor } from "@/server/auth/actor";
import { fleetQuery } from "@/server/clickhouse/fleet-query";
import { tenantQuery } from "@/server/clickhouse/tenant-query";
import { scopeToTenant, type TenantScope } from "@/server/tenant-scope";
import { findTenant } from "@/server/tenants/find-tenant";
import { listTenants } from "@/server/tenants/list-tenants";
import { registerTenant } from "@/server/tenants/register-tenant";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { useDb } from "./support/sign-in";

const HOSTILE = [
  "",
  "'",
  "acme'",
  "acme' OR '1'='1",
  "acme\\' OR 1=1 --",
  "%",
  "ac_e",
  "ACME",
  "acme ",
  "acme\n",
  "acme\u0000",
  "acme/../globex",
  "{tenantId:String}",
  "аcme",
  "a".repeat(10_000),
];

const actor: Actor = { username: "ann", displayName: "Ann", role: "viewer" };
let test: TestDb;

beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
  for (const tenantId of ["acme", "globex"]) {
    await registerTenant(test.db, { tenantId, createdBy: "test" });
    await test.db.insert("run_events", [
      {
        run_id: `run-of-${tenantId}`,
        tenant_id: tenantId,
        table_name: "",
        at: new Date().toISOString(),
        sequence: 1,
        level: "info",
        event: "test",
        message: `secret of ${tenantId}`,
        detail: "",
      },
    ]);
  }
});
afterAll(() => test.close());

const events = tenantQuery({
  name: "test.events",
  sql: `SELECT tenant_id, message FROM run_events
    WHERE tenant_id = {tenantId:String} AND run_id LIKE {pattern:String}`,
  params: z.object({ pattern: z.string().max(100) }),
  row: z.object({ tenant_id: z.string(), message: z.string() }),
  maxSeconds: 5,
});

describe("tenants", () => {
  it("are registered with the defaults, once", async () => {
    const made = await registerTenant(test.db, {
      tenantId: "initech",
      timeZone: "Europe/Berlin",
      createdBy: "ann",
    });
    expect(made).toMatchObject({
      name: "initech",
      timeZone: "Europe/Berlin",
      freshnessTargetMinutes: 30,
      rejectThresholdPercent: 10,
      rejectMinimumRows: 100,
      createdBy: "ann",
    });
    expect(await findTenant(test.db, "initech")).toEqual(made);
    const again = Array.from({ length: 3 }, () =>
      registerTenant(test.db, { tenantId: "umbrella", createdBy: "x" }),
    );
    const results = await Promise.allSettled(again);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect((await listTenants(test.db)).map(({ tenantId }) => tenantId)).toEqual([
      "acme",
      "globex",
      "initech",
      "umbrella",
    ]);
  });

  it.each([...HOSTILE, "-a", "a".repeat(64)])("cannot be called %j", async (tenantId) => {
    await expect(registerTenant(test.db, { tenantId, createdBy: "x" })).rejects.toMatchObject({
      code: "invalid-input",
    });
  });

  it("need a time zone that exists and a name without control characters", async () => {
    for (const bad of [
      { timeZone: "Mars/Olympus" },
      { timeZone: "" },
      { name: "a\u0007b" },
      { name: " " },
    ])
      await expect(
        registerTenant(test.db, { tenantId: "hooli", createdBy: "x", ...bad }),
      ).rejects.toMatchObject({ code: "invalid-input" });
    expect(await findTenant(test.db, "hooli")).toBeUndefined();
  });
});

describe("a tenant's scope", () => {
  it.each(HOSTILE)("is not given for %j", async (tenantId) => {
    await expect(scopeToTenant(test.db, actor, tenantId)).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it.each([undefined, null, 7, ["acme"], { toString: () => "acme" }])(
    "is not given for %j",
    async (tenantId) => {
      await expect(scopeToTenant(test.db, actor, tenantId)).rejects.toMatchObject({
        code: "not-found",
      });
    },
  );

  it("reads that tenant's rows and no other's", async () => {
    const scope = await scopeToTenant(test.db, actor, "acme");
    expect(await events(scope, { pattern: "%" })).toEqual([
      { tenant_id: "acme", message: "secret of acme" },
    ]);
    expect(await events(scope, { pattern: "run-of-globex" })).toEqual([]);
  });

  it("cannot be changed, copied or argued with", async () => {
    const scope = await scopeToTenant(test.db, actor, "acme");
    expect(() => Object.assign(scope, { tenantId: "globex" })).toThrow(TypeError);
    const copy = { ...scope, tenantId: "globex" } as TenantScope;
    await expect(events(copy, { pattern: "%" })).rejects.toThrow("checked");
    const input = { pattern: "%", tenantId: "globex" } as { pattern: string };
    expect(await events(scope, input)).toHaveLength(1);
  });

  it.each(["' OR '1'='1", "\\' OR tenant_id = 'globex' --", "%') OR 1=1 --", "run-of-globex'/*"])(
    "holds for the value %j",
    async (pattern) => {
      const scope = await scopeToTenant(test.db, actor, "acme");
      expect(await events(scope, { pattern })).toEqual([]);
    },
  );

  it("checks what goes in and what comes out", async () => {
    const scope = await scopeToTenant(test.db, actor, "acme");
    await expect(events(scope, { pattern: "x".repeat(101) })).rejects.toThrow("too_big");
    await expect(events(scope, {} as { pattern: string })).rejects.toThrow("invalid_type");
    const misread = tenantQuery({
      name: "test.misread",
      sql: "SELECT message FROM run_events WHERE tenant_id = {tenantId:String}",
      params: z.object({}),
      row: z.object({ message: z.number() }),
      maxSeconds: 5,
    });
    await expect(misread(scope, {})).rejects.toMatchObject({ type: "UNEXPECTED_ROW" });
  });
});

describe("reads", () => {
  it("are made by an account that cannot write", async () => {
    const reader = test.db.asReader();
    try {
      await expect(
        reader.command({ name: "test.write", sql: "INSERT INTO run_events (run_id) VALUES ('x')" }),
      ).rejects.toMatchObject({ type: expect.stringMatching(/READONLY|ACCESS_DENIED/) });
    } finally {
      await reader.close();
    }
  });

  it("are ended when they take too long", async () => {
    const slow = fleetQuery({
      name: "test.slow",
      sql: "SELECT count() AS found FROM numbers(1000000000000) WHERE NOT ignore(sipHash128(number))",
      params: z.object({}),
      row: z.object({ found: z.unknown() }),
      maxSeconds: 0.3,
    });
    await expect(slow({})).rejects.toMatchObject({ type: "TIMED_OUT" });
  });
});
