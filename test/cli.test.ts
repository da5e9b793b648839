import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { describeVerb } from "@/server/cli/help";
import { commonFlags } from "@/server/cli/main";
import { verbs } from "@/server/cli/verbs";
import { processExists } from "@/server/clickhouse/embedded/holder";
import { readServerState, serverDir } from "@/server/clickhouse/embedded/state";
import { until } from "@/test/support/until";

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), "avesa-cli-"));
});
afterAll(async () => {
  const last = (await readServerState(serverDir(dataDir)))?.pid;
  if (last !== undefined) await until("the server has left", () => !processExists(last));
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
});

interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

async function avesa(
  args: readonly string[],
  options: { input?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, ["scripts/avesa.mjs", ...args], {
    env: {
      ...process.env,
      DATA_DIR: "",
      CLICKHOUSE_URL: "",
      CLICKHOUSE_DATABASE: "",
      ...options.env,
    },
  });
  child.stdin.end(options.input ?? "");
  const [out, err] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { code: child.exitCode, out, err };
}

function lastLine(out: string): Record<string, unknown> {
  return JSON.parse(out.trim().split("\n").at(-1) ?? "") as Record<string, unknown>;
}

describe("the command line", () => {
  it("lists every command", async () => {
    const { code, out, err } = await avesa(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    for (const verb of verbs) expect(out).toMatch(new RegExp(`^ {2}${verb.name} {2,}\\S`, "m"));
  });

  it.each(verbs.map((verb) => verb.name))(
    "explains %s with the flags that all commands take",
    async (name) => {
      const { verb } = (await verbs.find((one) => one.name === name)?.load()) ?? {};
      if (verb === undefined) throw new Error(`No ${name}.`);
      const help = describeVerb(verb, commonFlags);
      expect(help).toContain(`avesa -- ${name}`);
      for (const flag of [...Object.keys(verb.flags), "data", "store", "help"])
        expect(help).toContain(`--${flag}`);
    },
  );

  it.each([
    [["fly"], /There is no command "fly"/],
    [["user", "fire"], /There is no command "user fire"/],
    [["down", "--force"], /--force/],
    [["down", "now"], /"now" is one argument too many/],
    [["down", "--data"], /--data/],
    [["up", "--port", "http"], /--port must be a number/],
    [["user", "add", "--role", "viewer"], /--name is missing/],
    [
      ["user", "add", "--name", "ann", "--role", "king"],
      /--role must be one of viewer, operator, admin/,
    ],
  ])("refuses %j with exit code 2 and a word about the help", async (args, message) => {
    const { code, out, err } = await avesa(args, { env: { DATA_DIR: dataDir } });
    expect(err).toMatch(message);
    expect(err).toContain("--help");
    expect(err).not.toMatch(/ {4}at /);
    expect({ code, out }).toEqual({ code: 2, out: "" });
  });

  it("explains one command when asked for its help", async () => {
    const { code, out } = await avesa(["user", "add", "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("--password-stdin");
  });

  it("names every bad setting at once", async () => {
    const { code, err } = await avesa(["down"], { env: { PORT: "many", LOG_LEVEL: "loud" } });
    expect(code).toBe(2);
    expect(err).toMatch(/PORT: [\s\S]*LOG_LEVEL: /);
  });

  it("adds accounts, with the password given or one made up and printed alone on standard output", async () => {
    const given = await avesa(
      ["user", "add", "--name", "ann", "--role", "admin", "--password-stdin", "--data", dataDir],
      {
        input: "seven wet otters\n",
      },
    );
    expect(given).toMatchObject({ code: 0, out: "" });
    expect(given.err).toContain("ann");
    const made = await avesa([
      "user",
      "add",
      "--name",
      "bob",
      "--role",
      "viewer",
      "--data",
      dataDir,
    ]);
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/^\S{12,}\n$/);
    const again = await avesa([
      "user",
      "add",
      "--name",
      "bob",
      "--role",
      "viewer",
      "--data",
      dataDir,
    ]);
    expect(again).toMatchObject({ code: 1, out: "" });
    expect(again.err).toMatch(/bob/);
  });

  it("stops a load as a plan with exit code 3, applies it, and rejects another", async () => {
    const store = path.join(dataDir, "store");
    const folder = path.join(store, "acme", "canonical", "tickets");
    await mkdir(folder, { recursive: true });
    await writeFile(
      path.join(folder, "a-20240201T000000Z-1.ndjson"),
      '{"ticket_id":"T1","status":"open","last_updated":"2024-01-01"}\n',
    );
    const on = ["--data", dataDir, "--store", store];
    const load = ["load", "--tenant", "acme", "--table", "tickets", "--mode"];
    const planned = await avesa([...load, "incremental", "--plan", ...on]);
    expect(planned).toMatchObject({ code: 3 });
    const plan = lastLine(planned.out);
    expect(plan).toMatchObject({
      status: "waiting_approval",
      read: 0,
      plans: [{ table: "tickets", reason: "asked", versionsOpened: 1, deletions: 0 }],
    });
    expect(planned.err).toContain(`avesa apply ${String(plan["run_id"])}`);

    const applied = await avesa(["apply", String(plan["run_id"]), ...on]);
    expect(applied).toMatchObject({ code: 0 });
    expect(lastLine(applied.out)).toMatchObject({ status: "succeeded", read: 1, new: 1 });

    const reload = await avesa([...load, "bulk", ...on]);
    expect(reload).toMatchObject({ code: 3 });
    const held = lastLine(reload.out);
    expect(held).toMatchObject({ status: "waiting_approval", plans: [{ reason: "reload" }] });
    const runId = String(held["run_id"]);
    const rejected = await avesa(["reject", runId, "--reason", "It was a mistake.", ...on]);
    expect(rejected).toMatchObject({ code: 0 });
    expect(lastLine(rejected.out)).toMatchObject({ status: "cancelled" });
  });

  it("says so when there is no console to stop", async () => {
    const { code, err } = await avesa(["down", "--data", dataDir]);
    expect(code).toBe(0);
    expect(err).toContain("No console serves this data directory.");
  });

  it("says what is wrong where the ClickHouse of CLICKHOUSE_URL cannot be reached", async () => {
    const { code, err } = await avesa(["user", "add", "--name", "zoe", "--role", "viewer"], {
      env: { CLICKHOUSE_URL: "http://127.0.0.1:9", CLICKHOUSE_PASSWORD: "a secret word" },
    });
    expect(code).toBe(1);
    expect(err).toContain("ClickHouse cannot be reached");
    expect(err).not.toMatch(/a secret word| {4}at /);
  });
});
