import { NextRequest } from "next/server";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GET as getFleet } from "@/app/api/v1/fleet/route";
import { GET as getRun } from "@/app/api/v1/runs/[run]/route";
import { GET as getRuns } from "@/app/api/v1/runs/route";
import { GET as getStream } from "@/app/api/v1/stream/route";
import { GET as getHistory } from "@/app/api/v1/tenants/[tenant]/entities/[table]/[id]/route";
import { GET as getTenant } from "@/app/api/v1/tenants/[tenant]/route";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { putRuns, putRunTables, putTenants } from "@/test/support/operations";
import { addUser, ORIGIN, sessionCookie, useDb } from "@/test/support/sign-in";

let test: TestDb;
let cookie = "";

beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
  await addUser(test.db, "the-viewer", "viewer");
  cookie = await sessionCookie(test.db, "the-viewer");
  await putTenants(test.db, [{ tenant_id: "acme" }]);
  await putRuns(test.db, [
    { run_id: "01R", tenant_id: "acme", status: "running", finished_at: null },
  ]);
  await putRunTables(test.db, [{ run_id: "01R", tenant_id: "acme", status: "running" }]);
});
afterAll(() => test.close());

function request(
  path: string,
  headers: Readonly<Record<string, string>> = { cookie },
): NextRequest {
  return new NextRequest(`${ORIGIN}${path}`, { headers });
}

const params = (value: Record<string, string>) => ({ params: Promise.resolve(value) });

describe("reading by the API", () => {
  it("needs a session", async () => {
    const response = await getFleet(request("/api/v1/fleet", {}), params({}));
    expect(response.status).toBe(401);
    expect((await getStream(request("/api/v1/stream", {}))).status).toBe(401);
  });

  it("answers a viewer, with lists from repeated parameters", async () => {
    const response = await getRuns(
      request("/api/v1/runs?status=running&status=failed&tenant=acme&limit=5"),
      params({}),
    );
    expect(response.status).toBe(200);
    const body = (await response.json()) as { rows: { runId: string }[] };
    expect(body.rows.map((run) => run.runId)).toEqual(["01R"]);
  });

  it.each([
    "/api/v1/runs?status=nonsense",
    "/api/v1/runs?limit=0",
    "/api/v1/runs?after=xx",
    "/api/v1/runs?bogus=1",
  ])("refuses input that is not valid: %s", async (path) => {
    expect((await getRuns(request(path), params({}))).status).toBe(422);
  });

  it("says not found for what does not exist, in the same words for what may not be seen", async () => {
    const run = await getRun(request("/api/v1/runs/none"), params({ run: "none" }));
    const tenant = await getTenant(request("/api/v1/tenants/none"), params({ tenant: "none" }));
    const hostile = await getTenant(
      request("/api/v1/tenants/x"),
      params({ tenant: "x' OR '1'='1" }),
    );
    expect([run.status, tenant.status, hostile.status]).toEqual([404, 404, 404]);
    const record = await getHistory(
      request("/api/v1/tenants/acme/entities/nonsense/1"),
      params({ tenant: "acme", table: "nonsense", id: "1" }),
    );
    expect(record.status).toBe(404);
  });
});

describe("the live stream", () => {
  it("names the topics of what changed, with an id, and stops when the reader leaves", async () => {
    const leave = new AbortController();
    const response = await getStream(
      new NextRequest(`${ORIGIN}/api/v1/stream`, { headers: { cookie }, signal: leave.signal }),
    );
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error("The stream has no body");
    const decoder = new TextDecoder();
    let text = "";
    const readUntil = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(text)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`The stream ended before ${wanted}: ${text}`);
        text += decoder.decode(value, { stream: true });
      }
    };
    await readUntil(/retry: 2000/);
    const write = setInterval(
      () => void putRunTables(test.db, [{ run_id: "01R", tenant_id: "acme", status: "running" }]),
      300,
    );
    try {
      await readUntil(/"run:01R"/);
    } finally {
      clearInterval(write);
    }
    expect(text).toMatch(/^id: \d+$/m);
    expect(text).toContain('"tenant:acme"');
    leave.abort();
    // What was sent before may still be in the pipe; after it comes the end.
    for (let end = false; !end;) end = (await reader.read()).done;
  });
});
