import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  EmbeddedServerError,
  type HeldServer,
  holdServer,
  processExists,
  serverHolders,
} from "@/server/clickhouse/embedded/holder";
import { type ServerState, readServerState } from "@/server/clickhouse/embedded/state";
import { until } from "@/test/support/until";

const root = process.cwd();
let dir: string;
const held: HeldServer[] = [];
const processes: ChildProcess[] = [];

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "avesa-embedded-"));
});

afterEach(async () => {
  for (const child of processes.splice(0)) child.kill("SIGKILL");
  const last = (await readServerState(dir))?.pid;
  await Promise.all(held.splice(0).map((one) => one.close({ waitForExit: true })));
  if (last !== undefined) await until("the server has left", () => !processExists(last));
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
});

async function hold(): Promise<HeldServer> {
  const server = await holdServer({ dir, root, program: "test", maxMemoryBytes: 2 * 1024 ** 3 });
  held.push(server);
  return server;
}

/** A process of its own that holds the server until it is killed; resolves when it holds. */
async function holdInProcess(): Promise<{ child: ChildProcess; serverPid: number }> {
  const child = spawn(
    process.execPath,
    ["--conditions=react-server", "--import", "tsx", "test/embedded/hold.ts", dir],
    { cwd: root, stdio: ["ignore", "pipe", "inherit"] },
  );
  processes.push(child);
  if (child.stdout === null) throw new Error("No standard output.");
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { child, serverPid: Number(line) };
}

async function ask(
  state: ServerState,
  sql: string,
  account: { username: string; password: string } = state,
): Promise<string> {
  // A connection of its own each time: an idle one left open would keep the server waiting for it when it stops.
  const outgoing = request(state.url, {
    method: "POST",
    agent: false,
    headers: { "x-clickhouse-user": account.username, "x-clickhouse-key": account.password },
  });
  outgoing.end(sql);
  const [response] = (await once(outgoing, "response")) as [IncomingMessage];
  const answer = (await text(response)).trim();
  if (response.statusCode !== 200) throw new Error(answer);
  return answer;
}

describe("the embedded server", () => {
  it("starts, answers on loopback only, and leaves no process and no state when it is let go", async () => {
    const server = await hold();
    const { pid, url } = server.current;
    expect(new URL(url).hostname).toBe("127.0.0.1");
    expect(await ask(server.current, "SELECT 40 + 2")).toBe("42");
    await server.close({ waitForExit: true });
    expect(processExists(pid)).toBe(false);
    expect(
      (await readdir(dir)).filter((name) => name !== "data" && !name.endsWith(".log")),
    ).toEqual([]);
  });

  it("keeps its secrets from other users of the machine", async () => {
    await hold();
    for (const name of await readdir(dir)) {
      if (!/^(server\.json|config-|users-)/.test(name)) continue;
      expect({ name, others: (await stat(path.join(dir, name))).mode & 0o077 }).toEqual({
        name,
        others: 0,
      });
    }
    const users = (await readdir(dir)).find((name) => name.startsWith("users-"));
    const { password } = (await readServerState(dir)) ?? { password: "" };
    expect(password.length).toBeGreaterThan(20);
    expect(await readFile(path.join(dir, users ?? ""), "utf8")).not.toContain(password);
  });

  it("gives nothing to those without a password, and only reading to the reader", async () => {
    const { current } = await hold();
    const nobody = { username: "default", password: "" };
    await expect(
      ask(current, "SELECT * FROM file('/etc/passwd', 'LineAsString')", nobody),
    ).rejects.toThrow(/ACCESS_DENIED/);
    await expect(
      ask(current, "SELECT 1", { username: current.username, password: "" }),
    ).rejects.toThrow(/AUTHENTICATION_FAILED/);
    await ask(current, "CREATE TABLE default.t ENGINE = MergeTree ORDER BY () AS SELECT 1 AS x");
    await expect(ask(current, "SELECT x FROM default.t", nobody)).rejects.toThrow(/ACCESS_DENIED/);
    expect(await ask(current, "SELECT x FROM default.t", current.reader)).toBe("1");
    await expect(ask(current, "INSERT INTO default.t VALUES (2)", current.reader)).rejects.toThrow(
      /ACCESS_DENIED|READONLY/,
    );
    await expect(ask(current, "DROP TABLE default.t", current.reader)).rejects.toThrow(
      /ACCESS_DENIED|READONLY/,
    );
    await expect(
      ask(current, "SELECT * FROM file('/etc/passwd', 'LineAsString')", current.reader),
    ).rejects.toThrow(/ACCESS_DENIED|READONLY/);
  });

  it("is one server for all who hold it, and stays while one of them is left", async () => {
    const first = await hold();
    const second = await holdInProcess();
    expect(second.serverPid).toBe(first.current.pid);
    expect(await serverHolders(dir)).toHaveLength(2);
    await first.close();
    await until("one holder is left", async () => (await serverHolders(dir))?.length === 1);
    expect(await ask(first.current, "SELECT 1")).toBe("1");
    second.child.kill("SIGKILL");
    await until("the server has left", () => !processExists(second.serverPid));
  });

  it("starts once when many ask at the same time", async () => {
    const [servers, other] = await Promise.all([
      Promise.all([hold(), hold(), hold()]),
      holdInProcess(),
    ]);
    expect(new Set([...servers.map((one) => one.current.pid), other.serverPid]).size).toBe(1);
  });

  it("is restarted once after kill -9 with all its data, for every holder, at the same address", async () => {
    const first = await hold();
    const second = await hold();
    const seen: string[] = [];
    first.onStatus((status) => seen.push(status.state));
    await ask(
      first.current,
      "CREATE TABLE default.kept ENGINE = MergeTree ORDER BY () AS SELECT number FROM numbers(100000)",
    );
    const before = first.current;
    process.kill(before.pid, "SIGKILL");
    for (const server of [first, second]) {
      await until(
        "the holder is back",
        () => server.status.state === "ready" && server.status.restarts === 1,
      );
    }
    expect(first.current.pid).not.toBe(before.pid);
    expect(second.current.pid).toBe(first.current.pid);
    expect({ url: first.current.url, password: first.current.password }).toEqual({
      url: before.url,
      password: before.password,
    });
    expect(seen).toEqual(["restarting", "ready"]);
    expect(await ask(second.current, "SELECT count() FROM default.kept")).toBe("100000");
  });

  it("takes another port when somebody took the old one meanwhile", async () => {
    const server = await hold();
    const before = server.current;
    const squatter = net.createServer();
    process.kill(before.pid, "SIGKILL");
    // Tried until the dead server's port is free; whether the squatter or the new server gets it, both must live.
    await new Promise<void>((resolve) => {
      squatter.on("error", () => resolve());
      squatter.listen({ host: "127.0.0.1", port: before.httpPort }, resolve);
    });
    await until(
      "the holder is back",
      () => server.status.state === "ready" && server.status.restarts === 1,
    );
    expect(await ask(server.current, "SELECT 1")).toBe("1");
    squatter.close();
  });

  it("does not mind what a dead server and a dead starter left behind", async () => {
    const server = await hold();
    const state = await readFile(path.join(dir, "server.json"), "utf8");
    await server.close({ waitForExit: true });
    await writeFile(path.join(dir, "server.json"), state);
    const dead = spawn(process.execPath, ["-e", ""]);
    await once(dead, "exit");
    await writeFile(path.join(dir, "starting"), String(dead.pid));
    const next = await hold();
    expect(await ask(next.current, "SELECT 1")).toBe("1");
    expect(existsSync(path.join(dir, "starting"))).toBe(false);
  });

  it("starts anew where the state file is damaged", async () => {
    await writeFile(path.join(dir, "server.json"), "{ half a");
    const server = await hold();
    expect(await ask(server.current, "SELECT 1")).toBe("1");
  });

  it("stops what still runs when it is let go", async () => {
    const server = await hold();
    const { current } = server;
    const endless = ask(
      current,
      "SELECT sleepEachRow(1) FROM numbers(1000) SETTINGS max_block_size = 1 FORMAT Null",
    ).catch((error: Error) => error.message);
    await until(
      "the statement runs",
      async () =>
        (await ask(
          current,
          "SELECT count() FROM system.processes WHERE query LIKE '%numbers(1000)%'",
        )) === "2",
    );
    await server.close({ waitForExit: true });
    expect(processExists(current.pid)).toBe(false);
    expect(await endless).toMatch(/QUERY_WAS_CANCELLED|socket hang up|aborted|ECONNRESET/);
  });

  it("says why where its directory cannot hold data", async () => {
    await writeFile(path.join(dir, "data"), "a file where a folder should be");
    const failure = await hold().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EmbeddedServerError);
    expect((failure as EmbeddedServerError).kind).toBe("engine");
    expect((failure as EmbeddedServerError).message).toContain("child.log");
  });
});
