import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { POST as cancelRun } from "@/app/api/v1/runs/[run]/cancel/route";
import { POST as startRun } from "@/app/api/v1/tenants/[tenant]/runs/route";
import type { AuditLine } from "@/lib/contracts/audit";
import { contract } from "@/lib/contracts/contract";
import { listAudit } from "@/server/audit/list-audit";
import type { Actor } from "@/server/auth/actor";
import { changeRole, setDisabled, setPassword } from "@/server/auth/users";
import { ClickHouseError } from "@/server/clickhouse/error";
import { AppError } from "@/server/errors";
import { carryOut } from "@/server/pipeline/carry-out";
import { commandLineCaller } from "@/server/pipeline/command-line";
import { fleetOperation } from "@/server/pipeline/operation";
import { registerTenantOperation } from "@/server/pipeline/operations/register-tenant";
import {
  addUserOperation,
  changeRoleOperation,
  setDisabledOperation,
} from "@/server/pipeline/operations/users";
import { serve } from "@/server/pipeline/serve";
import { registerTenant } from "@/server/tenants/register-tenant";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { addUser, PASSWORD, post, sessionCookie, useDb } from "./support/sign-in";

let test: TestDb;
const cookies: Record<"viewer" | "operator" | "admin", string> = {
  viewer: "",
  operator: "",
  admin: "",
};

beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
  for (const role of ["viewer", "operator", "admin"] as const) {
    await addUser(test.db, `the-${role}`, role);
    cookies[role] = await sessionCookie(test.db, `the-${role}`);
  }
  await registerTenant(test.db, { tenantId: "acme", createdBy: "test" });
});
afterAll(() => test.close());

async function start(
  body: unknown,
  headers: Readonly<Record<string, string>>,
  tenant = "acme",
): Promise<{ status: number; body: Record<string, unknown>; response: Response }> {
  const response = await startRun(
    post(`/api/v1/tenants/${encodeURIComponent(tenant)}/runs`, body, headers),
    {
      params: Promise.resolve({ tenant }),
    },
  );
  return {
    status: response.status,
    body: (await response.json()) as Record<string, unknown>,
    response,
  };
}

async function runCount(): Promise<number> {
  const row = z.object({ found: z.coerce.number() });
  return (
    await test.db.row({ name: "test.runs", sql: "SELECT count() AS found FROM runs FINAL" }, row)
  ).found;
}

async function lastAudit(): Promise<AuditLine> {
  const [line] = (await listAudit({ after: null, limit: 1 })).rows;
  if (line === undefined) throw new Error("The audit is empty");
  return line;
}

describe("starting a run", () => {
  it("is for operators: a viewer is refused, and both leave a line in the audit", async () => {
    const before = await runCount();
    const denied = await start({ mode: "bulk" }, { cookie: cookies.viewer });
    expect(denied.status).toBe(403);
    expect(denied.response.headers.get("content-type")).toBe("application/problem+json");
    expect(denied.body).toMatchObject({
      code: "not-allowed",
      detail: "Needs the operator role; yours is viewer.",
    });
    expect(await runCount()).toBe(before);
    expect(await lastAudit()).toMatchObject({
      actor: "the-viewer",
      role: "viewer",
      action: "run:start",
      outcome: "denied",
      tenantId: "acme",
      requestId: denied.body["referenceId"],
    });

    const done = await start(
      { mode: "incremental", tables: ["tickets"] },
      { cookie: cookies.operator },
    );
    expect(done.status).toBe(202);
    expect(await runCount()).toBe(before + 1);
    expect(await lastAudit()).toMatchObject({
      actor: "the-operator",
      role: "operator",
      action: "run:start",
      outcome: "done",
      tenantId: "acme",
      target: done.body["runId"],
      after: '{"mode":"incremental","tables":["tickets"]}',
    });
  });

  it("is for those who are signed in", async () => {
    const forged = await sessionCookie(test.db, "the-admin", { secret: "x".repeat(40) });
    const expired = await sessionCookie(test.db, "the-admin", { maxAge: -60 });
    const [name = ""] = cookies.admin.split("=");
    const token = cookies.admin.slice(name.length + 1);
    for (const headers of [
      {},
      { cookie: forged },
      { cookie: expired },
      { cookie: `${name}=` },
      { cookie: `${name}=${"A".repeat(200)}` },
      { authorization: `Bearer ${token}` },
    ]) {
      const answer = await start({ mode: "bulk" }, headers as Record<string, string>);
      expect(answer).toMatchObject({ status: 401, body: { code: "not-signed-in" } });
      expect(await lastAudit()).toMatchObject({
        actor: "",
        action: "run:start",
        outcome: "denied",
      });
    }
  });

  it("goes by the role in the store, not the one in the token", async () => {
    const cookie = await sessionCookie(test.db, "the-viewer", { role: "admin" });
    expect((await start({ mode: "bulk" }, { cookie })).status).toBe(403);
  });

  it.each([
    ["an unknown tenant", "globex"],
    ["SQL", "acme' OR '1'='1"],
    ["a path", "../acme"],
    ["another spelling", "ACME"],
    ["a wildcard", "%"],
    ["nothing", ""],
    ["a NUL", "acme\u0000"],
    ["ten thousand characters", "a".repeat(10_000)],
  ])("does not find %s", async (_what, tenant) => {
    const before = await runCount();
    expect(await start({ mode: "bulk" }, { cookie: cookies.operator }, tenant)).toMatchObject({
      status: 404,
      body: { code: "not-found", detail: "There is no such tenant, or you cannot see it." },
    });
    expect(await runCount()).toBe(before);
    expect(await lastAudit()).toMatchObject({ actor: "the-operator", outcome: "refused" });
  });

  it("takes the tenant from the path, whatever the body says", async () => {
    await registerTenant(test.db, { tenantId: "globex-two", createdBy: "test" });
    const done = await start(
      { mode: "bulk", tenantId: "globex-two" },
      { cookie: cookies.operator },
    );
    expect(done.status).toBe(202);
    expect(await lastAudit()).toMatchObject({ tenantId: "acme", target: done.body["runId"] });
  });

  it.each([
    ["no mode", {}],
    ["a mode that is none", { mode: "everything" }],
    ["a mode of another type", { mode: ["bulk"] }],
    ["a table nobody knows", { mode: "bulk", tables: ["users"] }],
    ["no table", { mode: "bulk", tables: [] }],
    ["a table twice", { mode: "bulk", tables: ["tickets", "tickets"] }],
    ["a field that is not asked for", { mode: "bulk", requestedBy: "somebody" }],
    ["a list", [1]],
    ["text that is not JSON", "{"],
  ])("refuses %s", async (_what, body) => {
    const answer = await start(body, { cookie: cookies.operator });
    expect(answer).toMatchObject({ status: 422, body: { code: "invalid-input" } });
    expect(await lastAudit()).toMatchObject({ actor: "the-operator", outcome: "refused" });
  });

  it("tells a viewer no more about bad input than that they may not", async () => {
    expect((await start("{", { cookie: cookies.viewer })).status).toBe(403);
    expect((await start({ mode: "x" }, { cookie: cookies.viewer })).status).toBe(403);
    expect((await start({ mode: "bulk" }, { cookie: cookies.viewer }, "globex")).status).toBe(403);
  });

  it.each([
    ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
    ["a page that hides where it is", { origin: "null" }],
    ["another port of this machine", { origin: "http://console.test:8080" }],
    ["a sibling site", { "sec-fetch-site": "same-site" }],
  ])("refuses a request from %s", async (_what, headers) => {
    const before = await runCount();
    const answer = await start({ mode: "bulk" }, { cookie: cookies.operator, ...headers });
    expect(answer).toMatchObject({ status: 403, body: { code: "wrong-origin" } });
    expect(await runCount()).toBe(before);
  });

  it("refuses a body that a form of another site could send", async () => {
    const answer = await start('{"mode":"bulk"}', {
      cookie: cookies.operator,
      "content-type": "text/plain",
    });
    expect(answer).toMatchObject({ status: 415, body: { code: "unsupported-body" } });
  });

  it("happens once for all repeats with the same Idempotency-Key", async () => {
    const before = await runCount();
    const headers = { cookie: cookies.operator, "idempotency-key": "deploy-42" };
    const answers = await Promise.all([1, 2, 3].map(() => start({ mode: "bulk" }, headers)));
    answers.push(await start({ mode: "bulk" }, headers));
    expect(new Set(answers.map(({ body }) => body["runId"])).size).toBe(1);
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(await runCount()).toBe(before + 1);

    expect(await start({ mode: "incremental" }, headers)).toMatchObject({ status: 422 });
    const other = await start({ mode: "bulk" }, { ...headers, cookie: cookies.admin });
    expect(other.body["runId"]).not.toBe(answers[0]?.body["runId"]);
    expect(await start({ mode: "bulk" }, { ...headers, "idempotency-key": "" })).toMatchObject({
      status: 422,
    });
  });
});

describe("cancelling a run", () => {
  const cancel = async (run: string, cookie: string) => {
    const response = await cancelRun(
      post(`/api/v1/runs/${encodeURIComponent(run)}/cancel`, "", { cookie }),
      {
        params: Promise.resolve({ run }),
      },
    );
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it("is for operators, and about runs that exist", async () => {
    const { body } = await start({ mode: "bulk" }, { cookie: cookies.operator });
    const runId = String(body["runId"]);
    expect((await cancel(runId, cookies.viewer)).status).toBe(403);
    expect(await lastAudit()).toMatchObject({
      action: "run:cancel",
      outcome: "denied",
      target: runId,
    });
    expect(await cancel(runId, cookies.operator)).toMatchObject({ status: 202, body: { runId } });
    expect(await lastAudit()).toMatchObject({
      actor: "the-operator",
      action: "run:cancel",
      outcome: "done",
      tenantId: "acme",
      target: runId,
    });
    await test.db.command({
      name: "test.end",
      sql: `INSERT INTO runs SELECT * REPLACE('cancelled' AS status, now64(3) AS finished_at, version + 1 AS version)
        FROM runs FINAL WHERE run_id = {runId:String}`,
      params: { runId },
    });
    expect(await cancel(runId, cookies.operator)).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    for (const stray of ["01JD9KZZZZZZZZZZZZZZZZZZZZ", "' OR 1=1 --", "", "x".repeat(500)])
      expect((await cancel(stray, cookies.operator)).status).toBe(404);
  });
});

describe("a session", () => {
  it("ends for writing the moment the account is disabled, demoted or has a new password", async () => {
    await addUser(test.db, "leaving", "operator");
    const cookie = await sessionCookie(test.db, "leaving");
    const attempt = async () => (await start({ mode: "incremental" }, { cookie })).status;
    expect(await attempt()).toBe(202);
    await changeRole(test.db, { username: "leaving", role: "viewer" });
    expect(await attempt()).toBe(403);
    await changeRole(test.db, { username: "leaving", role: "operator" });
    expect(await attempt()).toBe(202);
    await setDisabled(test.db, { username: "leaving", disabled: true });
    expect(await attempt()).toBe(401);
    await setDisabled(test.db, { username: "leaving", disabled: false });
    await setPassword(test.db, { username: "leaving", password: "nine loud herons" });
    expect(await attempt()).toBe(401);
  });
});

describe("managing users", () => {
  const as = (username: string, role: Actor["role"]) => ({
    actor: () => Promise.resolve({ username, displayName: username, role }),
    db: () => Promise.resolve(test.db),
  });
  const wanted = { username: "fresh", displayName: "Fresh", role: "viewer", password: PASSWORD };

  it("is for admins; the audit has the change and no password", async () => {
    const denied = await carryOut(addUserOperation, as("the-operator", "operator"), wanted);
    expect(denied).toMatchObject({ ok: false, problem: { code: "not-allowed" } });
    expect(await lastAudit()).toMatchObject({
      action: "user:add",
      outcome: "denied",
      target: "fresh",
    });

    const done = await carryOut(addUserOperation, as("the-admin", "admin"), wanted);
    expect(done).toMatchObject({ ok: true, value: { username: "fresh", role: "viewer" } });
    await carryOut(changeRoleOperation, as("the-admin", "admin"), {
      username: "fresh",
      role: "operator",
    });
    expect(await lastAudit()).toMatchObject({
      action: "user:role",
      outcome: "done",
      target: "fresh",
      before: '"viewer"',
      after: '"operator"',
    });
    const lines = (await listAudit({ after: null, limit: 500 })).rows;
    expect(JSON.stringify([done, lines])).not.toMatch(/otters|scrypt/);
  });

  it("from the command line is audited too", async () => {
    const made = {
      username: "by-hand",
      displayName: "By hand",
      role: "viewer",
      password: PASSWORD,
    };
    expect(await carryOut(addUserOperation, commandLineCaller(test.db), made)).toMatchObject({
      ok: true,
    });
    expect(await lastAudit()).toMatchObject({
      action: "user:add",
      outcome: "done",
      target: "by-hand",
    });
    expect((await lastAudit()).actor).toMatch(/^cli:./);
  });

  it("does not let admins shut themselves out", async () => {
    const answer = await carryOut(setDisabledOperation, as("the-admin", "admin"), {
      username: "the-admin",
      disabled: true,
    });
    expect(answer).toMatchObject({ ok: false, problem: { code: "conflict" } });
  });

  it.each([
    null,
    undefined,
    7,
    "text",
    [],
    { username: { $ne: "" } },
    { __proto__: { role: "admin" } },
  ])("takes no harm from %j", async (given) => {
    const answer = await carryOut(addUserOperation, as("the-admin", "admin"), given);
    expect(answer).toMatchObject({ ok: false, problem: { code: "invalid-input" } });
  });
});

describe("registering a tenant", () => {
  it("is for admins", async () => {
    const as = (role: Actor["role"]) => ({
      actor: () => Promise.resolve({ username: `the-${role}`, displayName: role, role }),
      db: () => Promise.resolve(test.db),
    });
    const wanted = { tenantId: "initech" };
    expect(await carryOut(registerTenantOperation, as("operator"), wanted)).toMatchObject({
      problem: { code: "not-allowed" },
    });
    expect(await lastAudit()).toMatchObject({
      action: "tenant:register",
      outcome: "denied",
      tenantId: "initech",
    });
    expect(await carryOut(registerTenantOperation, as("admin"), wanted)).toMatchObject({
      value: { tenantId: "initech", createdBy: "the-admin" },
    });
    expect(await carryOut(registerTenantOperation, as("admin"), wanted)).toMatchObject({
      problem: { code: "conflict" },
    });
  });
});

describe("carryOut", () => {
  const anyone = {
    actor: () => Promise.resolve({ username: "x", displayName: "X", role: "admin" as const }),
  };
  const failing = (error: unknown) =>
    fleetOperation({
      action: "user:add",
      permission: "user:manage",
      input: z.object({}),
      perform: () => Promise.reject(error),
    });

  it("shows nothing of a failure of ours and audits it", async () => {
    const secret = "SELECT password_hash FROM users at /srv/data";
    const errors = [
      new Error(secret),
      new ClickHouseError("x", 62, "SYNTAX_ERROR", false, secret),
      secret,
    ];
    for (const error of errors) {
      const answer = await carryOut(
        failing(error),
        { ...anyone, db: () => Promise.resolve(test.db) },
        {},
      );
      expect(answer).toMatchObject({ ok: false, problem: { code: "internal", status: 500 } });
      expect(JSON.stringify(answer)).not.toMatch(/SELECT|srv/);
      const line = await lastAudit();
      expect(line).toMatchObject({ actor: "x", outcome: "failed" });
      expect(line.after).not.toMatch(/SELECT|srv/);
    }
  });

  it("answers as failed what could not be audited", async () => {
    const away = new ClickHouseError("insert.audit", 0, "CONNECTION_FAILED", true, "");
    let asked = 0;
    const db = () => ((asked += 1) === 1 ? Promise.resolve(test.db) : Promise.reject(away));
    const fine = fleetOperation({
      action: "user:add",
      permission: "user:manage",
      input: z.object({}),
      perform: () => Promise.resolve("done"),
    });
    expect(await carryOut(fine, { ...anyone, db }, {})).toMatchObject({
      ok: false,
      problem: { code: "store-unavailable" },
    });
  });

  it("leaves no line for a read", async () => {
    const before = await lastAudit();
    const read = fleetOperation({
      permission: "audit:read",
      input: z.object({}),
      perform: () => Promise.reject(new AppError("not-found", "No.")),
    });
    expect(
      await carryOut(read, { ...anyone, db: () => Promise.resolve(test.db) }, {}),
    ).toMatchObject({ ok: false });
    expect(await lastAudit()).toEqual(before);
  });
});

describe("serve", () => {
  it("answers a reply that breaks its contract as our fault", async () => {
    const wrong = serve(
      contract({
        method: "POST",
        path: "/api/v1/wrong",
        summary: "",
        params: {},
        input: z.object({}),
        reply: z.object({ count: z.number() }),
      }),
      fleetOperation({
        permission: "fleet:read",
        input: z.object({}),
        perform: () => Promise.resolve({ count: "secret" } as unknown as { count: number }),
      }),
    );
    const response = await wrong(post("/api/v1/wrong", "", { cookie: cookies.viewer }), {
      params: Promise.resolve({}),
    });
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain("secret");
  });
});
