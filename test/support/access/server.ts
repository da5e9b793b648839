import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

import { until } from "../until";

/** Of every account of such a server. */
export const SERVER_PASSWORD = "five green kettles";

/** A ClickHouse with accounts of a test's own. */
export interface AccessServer {
  readonly url: string;
  /** Every account's, `admin` among them. */
  readonly password: string;
  /** Runs a statement; settings go with the request. Throws with the server's words. */
  ask(user: string, sql: string, settings?: Readonly<Record<string, string>>): Promise<string>;
  close(): Promise<void>;
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Of a server that others speak to over the native protocol. */
export interface ServerParts {
  readonly httpPort?: number;
  /** Default: the native protocol is not served. */
  readonly tcpPort?: number;
  /** More of the server's configuration, XML. */
  readonly config?: string;
}

/** Starts one with the users file that is made for the password. */
export async function startAccessServer(
  usersFor: (passwordHash: string) => string,
  parts: ServerParts = {},
): Promise<AccessServer> {
  const dir = await mkdtemp(path.join(tmpdir(), "avesa-access-"));
  const password = SERVER_PASSWORD;
  const httpPort = parts.httpPort ?? (await freePort());
  const { tcpPort } = parts;
  const [configFile, users] = [path.join(dir, "config.xml"), path.join(dir, "users.xml")];
  await writeFile(users, usersFor(sha256(password)));
  await writeFile(
    configFile,
    `<clickhouse><users_config>${users}</users_config><timezone>UTC</timezone>
<logger><log>${path.join(dir, "server.log")}</log><errorlog>/dev/null</errorlog></logger>${parts.config ?? ""}</clickhouse>`,
  );
  const child = spawn(
    process.execPath,
    [
      path.join(import.meta.dirname, "child.mjs"),
      JSON.stringify({ dir, configFile, httpPort, tcpPort }),
    ],
    { stdio: ["pipe", "ignore", "inherit"] },
  );
  const exit = once(child, "exit");
  const url = `http://127.0.0.1:${httpPort}`;

  const ask: AccessServer["ask"] = async (user, sql, settings = {}) => {
    const response = await fetch(`${url}/?${new URLSearchParams(settings).toString()}`, {
      method: "POST",
      body: sql,
      headers: { "x-clickhouse-user": user, "x-clickhouse-key": password },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text.trim();
  };
  const isUp = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error("The server ended; see standard error.");
    try {
      return (await ask("admin", "SELECT 1")) === "1";
    } catch (error) {
      // Nobody listens yet.
      if (error instanceof TypeError) return false;
      throw error;
    }
  };
  const close = async (): Promise<void> => {
    child.stdin.end();
    await exit;
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await until("the server answers", isUp);
  } catch (error) {
    await close();
    throw error;
  }
  return { url, password, ask, close };
}

/** A port that nobody listens on. */
export async function freePort(): Promise<number> {
  const probe = net.createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("No port.");
  return address.port;
}
