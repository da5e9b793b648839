import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import { tickets } from "@/lib/catalog/tickets";
import { processExists } from "@/server/clickhouse/embedded/holder";
import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";
import { rawRows } from "@/server/scd2/raw-rows";

import { type TestDb, testDb } from "../support/clickhouse";
import { S3_ACCOUNT, type StoreFixture, openStore } from "../support/store-fixture";
import { until } from "../support/until";

const KEY = "acme/canonical/tickets/a-20240301T000000Z-1.ndjson";
const SECRETS = [S3_ACCOUNT.secretAccessKey, S3_ACCOUNT.sessionToken];

let clickHouse: TestDb;
let fixture: StoreFixture;
let dataDir: string;
beforeAll(async () => {
  clickHouse = await testDb();
  fixture = await openStore("s3");
  dataDir = await mkdtemp(path.join(tmpdir(), "avesa-s3-cli-"));
  await fixture.put(KEY, Buffer.from('{"ticket_id":"1","ticket_number":"1","status":"Open"}\n'));
});
afterAll(async () => {
  await fixture.close();
  await clickHouse.close();
  const last = (await readServerState(serverDir(dataDir)))?.pid;
  if (last !== undefined) await until("the server has left", () => !processExists(last));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

function expectNone(where: string, shown: string): void {
  for (const secret of SECRETS) {
    expect({ where, found: shown.includes(secret) }).toEqual({ where, found: false });
    expect({ where, found: shown.includes(encodeURIComponent(secret)) }).toEqual({
      where,
      found: false,
    });
  }
}

it("keys to S3 are hidden where ClickHouse shows a statement at work", async () => {
  const { db } = clickHouse;
  const raw = await rawRows(tickets, fixture.store, "ndjson", [KEY]);
  const stop = new AbortController();
  const reading = db.command({
    name: "test.slow-read",
    params: raw.params,
    settings: { ...raw.settings },
    signal: stop.signal,
    sql: `SELECT sleepEachRow(3) FROM (${raw.sql}) FORMAT Null`,
  });
  const ended = reading.catch((error: unknown) => error);
  const Process = z.looseObject({ query: z.string() });
  let shown: z.infer<typeof Process>[] = [];
  await until("the statement is at work", async () => {
    const processes = await db.rows(
      {
        name: "test.processes",
        sql: "SELECT * FROM system.processes WHERE query LIKE '%sleepEachRow(3)%'",
      },
      Process,
    );
    shown = processes.filter(({ query }) => !query.includes("system.processes"));
    return shown.length > 0;
  });
  stop.abort();
  await ended;

  const [statement] = shown;
  expect(statement?.query).toContain("'[HIDDEN]', '[HIDDEN]'");
  expect(statement?.query).toContain(S3_ACCOUNT.accessKeyId);
  expectNone("system.processes", JSON.stringify(shown));
});

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command line at its most talkative, on the bucket of the fixture. */
async function load(env: Record<string, string>): Promise<Outcome> {
  const store = fixture.s3;
  if (store === undefined) throw new Error("no S3");
  const child = spawn(
    process.execPath,
    [
      "scripts/avesa.mjs",
      "load",
      "--tenant",
      "acme",
      "--mode",
      "bulk",
      "--table",
      "tickets",
      "--data",
      dataDir,
      "--store",
      fixture.store.location,
    ],
    {
      env: {
        ...process.env,
        CLICKHOUSE_URL: "",
        CLICKHOUSE_DATABASE: "",
        LOG_LEVEL: "trace",
        CANONICAL_STORE_ENDPOINT: store.url,
        CANONICAL_STORE_ACCESS_KEY_ID: S3_ACCOUNT.accessKeyId,
        CANONICAL_STORE_SECRET_ACCESS_KEY: S3_ACCOUNT.secretAccessKey,
        CANONICAL_STORE_SESSION_TOKEN: S3_ACCOUNT.sessionToken,
        ...env,
      },
    },
  );
  child.stdin.end();
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code: child.exitCode, out, err };
}

/** What was said to people, without the log. */
function words(standardError: string): string {
  return standardError.replaceAll(/^\{.*\}$/gm, "");
}

async function filesUnder(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

it(
  "the command line loads from s3:// and writes its keys nowhere",
  { timeout: 180_000 },
  async () => {
    const { code, out, err } = await load({});
    expect({ code, err: words(err) }).toMatchObject({ code: 0 });
    expect(JSON.parse(out.trim().split("\n").at(-1) ?? "")).toMatchObject({
      status: "succeeded",
      new: 1,
    });
    expectNone("the command's own output", `${out}${err}`);
    const files = await filesUnder(dataDir);
    expect(files.some((file) => file.endsWith("server.log"))).toBe(true);
    for (const file of files) expectNone(file, (await readFile(file)).toString("latin1"));
  },
);

it.each([
  [
    "a wrong secret",
    { CANONICAL_STORE_SECRET_ACCESS_KEY: "not/the+secret" },
    /The secret for s3:.* does not belong to its access key/,
  ],
  [
    "half a key",
    { CANONICAL_STORE_SECRET_ACCESS_KEY: "" },
    /CANONICAL_STORE_ACCESS_KEY_ID and CANONICAL_STORE_SECRET_ACCESS_KEY belong together/,
  ],
])("the command line says what to do about %s", async (_title, env, says) => {
  const { code, out, err } = await load(env);
  expect({ code, out }).toEqual({ code: 1, out: "" });
  expect(err).toMatch(says);
  expect(err).not.toContain("not/the+secret");
  expect(words(err)).not.toMatch(/ {4}at /);
  expectNone("the command's own output", err);
});
