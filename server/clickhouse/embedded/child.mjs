// The embedded ClickHouse server: one process that loads the engine's library, serves HTTP and the native protocol
// on loopback, and lives as long as some other process holds it (design: server/clickhouse/embedded/holder.ts).
//
//   node child.mjs '{"dir": "/data/clickhouse", "maxMemoryBytes": 4000000000, "logLevel": "warning"}'
//
// Whoever starts it reads one line of JSON from file descriptor 3: {"ready": true} or {"failed": KIND, "message": TEXT}.

import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createRequire } from "node:module";
import net from "node:net";
import { availableParallelism } from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { serverConfig, usersConfig } from "./config.mjs";
import { LibraryUnavailableError, findLibrary } from "./library.mjs";

const HOST = "127.0.0.1";
const START_LIMIT_MS = 60_000;
const FIRST_HOLDER_LIMIT_MS = 15_000;
const GRACE_MS = 500;
const STOP_LIMIT_MS = 20_000;

const options = JSON.parse(process.argv[2] ?? "{}");
/** @type {string} */
const dir = options.dir;
const stateFile = path.join(dir, "server.json");
const serverId = randomBytes(8).toString("hex");

mkdirSync(dir, { recursive: true, mode: 0o700 });
const logStart = sizeOfStandardError();

/** How much of the shared log file others have written before this process. */
function sizeOfStandardError() {
  try {
    return fstatSync(2).size;
  } catch {
    return 0;
  }
}

/** What the engine wrote to standard error since this process began, at most the last 4,000 characters. */
function engineMessages() {
  const file = path.join(dir, "child.log");
  try {
    const fd = openSync(file, "r");
    try {
      const size = fstatSync(fd).size;
      const from = Math.max(logStart, size - 4_000);
      const bytes = Buffer.alloc(Math.max(0, size - from));
      readSync(fd, bytes, 0, bytes.length, from);
      return bytes.toString("utf8").trim();
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}

/** @param {object} message */
function report(message) {
  try {
    writeSync(3, `${JSON.stringify(message)}\n`);
    closeSync(3);
  } catch (error) {
    // The starter may be gone already (EPIPE) or never have asked (EBADF); the server is of use to others all the same.
    if (error.code !== "EPIPE" && error.code !== "EBADF") throw error;
  }
}

/**
 * @param {"platform" | "locked" | "port" | "engine"} kind
 * @param {string} message
 */
function fail(kind, message) {
  report({ failed: kind, message });
  removeOwnFiles();
  process.exit(1);
}

/** @param {string} file @param {string} text */
function writePrivate(file, text) {
  const draft = `${file}.${serverId}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, file);
}

/** The port if it can be had, otherwise any free one. @param {number | undefined} wanted @returns {Promise<number>} */
function freePort(wanted) {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.once("error", (error) => {
      if (wanted === undefined) reject(error);
      else resolve(freePort(undefined));
    });
    probe.listen({ host: HOST, port: wanted ?? 0, exclusive: true }, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** What a server that was killed left behind: its ports and passwords are taken over, so that clients just go on. */
function readPrevious() {
  try {
    const state = JSON.parse(readFileSync(stateFile, "utf8"));
    if (typeof state.password === "string" && typeof state.reader?.password === "string")
      return state;
  } catch {
    return undefined;
  }
  return undefined;
}

function password() {
  return randomBytes(24).toString("base64url");
}

const previous = readPrevious();
const accounts = {
  username: "avesa",
  password: previous?.password ?? password(),
  reader: { username: "avesa_reader", password: previous?.reader.password ?? password() },
};
const ownFiles = {
  config: path.join(dir, `config-${serverId}.xml`),
  users: path.join(dir, `users-${serverId}.xml`),
};

function removeOwnFiles() {
  for (const file of Object.values(ownFiles)) rmSync(file, { force: true });
}

/** Files of servers that were killed; safe to remove once the engine has the data directory's lock. */
function removeLeftovers() {
  for (const name of readdirSync(dir)) {
    const stale = /^(config|users)-[0-9a-f]+\.xml$/.test(name) && !name.includes(serverId);
    if (stale) rmSync(path.join(dir, name), { force: true });
  }
}

/**
 * One statement over HTTP as the full-rights user.
 * @param {string} sql @param {number} limitMs @returns {Promise<string>}
 */
async function query(sql, limitMs) {
  const response = await fetch(`http://${HOST}:${httpPort}/`, {
    method: "POST",
    body: sql,
    headers: {
      "x-clickhouse-user": accounts.username,
      "x-clickhouse-key": accounts.password,
      // The engine ends at once when no connection is left, and waits 5 s otherwise.
      connection: "close",
    },
    signal: AbortSignal.timeout(limitMs),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  return text.trim();
}

let library;
try {
  library = findLibrary();
} catch (error) {
  if (error instanceof LibraryUnavailableError) fail("platform", error.message);
  throw error;
}

const httpPort = await freePort(previous?.httpPort);
const tcpPort = await freePort(previous?.tcpPort);
const token = randomBytes(24).toString("base64url");
const startedAt = new Date().toISOString();

writeFileSync(
  ownFiles.config,
  serverConfig({
    usersFile: ownFiles.users,
    logFile: path.join(dir, "server.log"),
    maxMemoryBytes: options.maxMemoryBytes,
    backgroundThreads: Math.min(16, Math.max(6, availableParallelism() * 2)),
  }),
  { mode: 0o600 },
);
writeFileSync(ownFiles.users, usersConfig(accounts), { mode: 0o600 });

// --- The engine -----------------------------------------------------------------------------------------------------

const { DataType, load, open } = createRequire(import.meta.url)("ffi-rs");
open({ library: "chdb", path: library });
const engineArguments = [
  "clickhouse",
  "--path",
  path.join(dir, "data"),
  "--listen_host",
  HOST,
  "--http_port",
  String(httpPort),
  "--tcp_port",
  String(tcpPort),
  "--config-file",
  ownFiles.config,
  `--log-level=${options.logLevel ?? "warning"}`,
  "--query",
  [
    "SYSTEM START LISTEN HTTP",
    "SYSTEM START LISTEN TCP",
    // A statement that never ends keeps the engine up; killing it is the way to stop in order.
    "SELECT sleepEachRow(0.2) FROM system.numbers SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null",
  ].join("; "),
];
let engineRunning = true;
const engine = Promise.resolve(
  load({
    library: "chdb",
    funcName: "chdb_query_cmdline",
    retType: DataType.External,
    paramsType: [DataType.I32, DataType.StringArray],
    paramsValue: [engineArguments.length, engineArguments],
    runInNewThread: true,
  }),
).then(
  () => (engineRunning = false),
  () => (engineRunning = false),
);

// --- Holders --------------------------------------------------------------------------------------------------------

/** @type {Map<net.Socket, { pid: number, program: string }>} */
const holders = new Map();
let stopping = false;
/** @type {NodeJS.Timeout | undefined} */
let graceTimer;

/** @param {unknown} offered */
function tokenFits(offered) {
  if (typeof offered !== "string") return false;
  const a = Buffer.from(offered);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}

/** @param {number} afterMs */
function stopUnlessHeld(afterMs) {
  clearTimeout(graceTimer);
  graceTimer = setTimeout(() => {
    if (holders.size === 0) void stop();
  }, afterMs);
}

const control = net.createServer((socket) => {
  socket.setNoDelay(true);
  socket.setTimeout(5_000, () => socket.destroy());
  let text = "";
  const onData = (chunk) => {
    text += chunk.toString("utf8");
    if (text.length > 4_096) socket.destroy();
    const end = text.indexOf("\n");
    if (end < 0) return;
    socket.off("data", onData);
    socket.resume();
    greet(socket, text.slice(0, end));
  };
  socket.on("data", onData);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    if (!holders.delete(socket)) return;
    if (holders.size === 0) stopUnlessHeld(GRACE_MS);
  });
});

/** @param {net.Socket} socket @param {string} line */
function greet(socket, line) {
  let message;
  try {
    message = JSON.parse(line);
  } catch {
    message = {};
  }
  if (!tokenFits(message.token) || stopping) {
    socket.end(`${JSON.stringify({ ok: false, reason: stopping ? "stopping" : "token" })}\n`);
    return;
  }
  if (message.op === "hold") {
    socket.setTimeout(0);
    socket.setKeepAlive(true, 60_000);
    holders.set(socket, { pid: Number(message.pid), program: String(message.program) });
    socket.write(`${JSON.stringify({ ok: true, serverId })}\n`);
    return;
  }
  if (message.op === "status") {
    socket.end(`${JSON.stringify({ ok: true, serverId, holders: [...holders.values()] })}\n`);
    return;
  }
  socket.end(`${JSON.stringify({ ok: false, reason: "unknown operation" })}\n`);
}

async function stop() {
  if (stopping) return;
  stopping = true;
  // Removed first: once the engine has let go of the data directory, a state file there is the next server's.
  rmSync(stateFile, { force: true });
  // Now, for an engine that waits in vain for idle connections ends the whole process.
  removeOwnFiles();
  control.close();
  // A watchdog rather than a hope: an engine that does not end is left to the kernel, which loses nothing.
  setTimeout(() => process.kill(process.pid, "SIGKILL"), STOP_LIMIT_MS);
  try {
    await query(
      "KILL QUERY WHERE user != '' AND query_id != queryID() SYNC FORMAT Null",
      STOP_LIMIT_MS / 2,
    );
    // Not SYNC: the engine would wait for the connection that waits for it.
    await query("KILL QUERY WHERE user = '' ASYNC FORMAT Null", STOP_LIMIT_MS / 2);
  } catch {
    // The answer to the second statement can be lost with the server it stops.
  }
  await engine;
}

/** Closes the shop after the engine has ended, wanted or not. */
async function leave() {
  await engine;
  if (stopping) process.exit(0);
  // The state file stays: the next server takes over its ports and passwords.
  process.exit(1);
}

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void stop());
process.on("SIGHUP", () => {});

// --- Start ----------------------------------------------------------------------------------------------------------

await new Promise((resolve, reject) => {
  control.once("error", reject);
  control.listen({ host: HOST, port: 0 }, () => resolve(undefined));
});

const deadline = Date.now() + START_LIMIT_MS;
let version;
while (version === undefined) {
  if (!engineRunning) {
    const said = engineMessages();
    if (/Cannot lock file|Another server instance/.test(said)) {
      fail("locked", "Another server has this data directory.");
    }
    if (/Address already in use|NETWORK_ERROR|Listen \[/.test(said)) fail("port", said);
    fail("engine", said === "" ? "The engine ended without a word." : said);
  }
  if (Date.now() > deadline)
    fail("engine", `The engine did not answer within ${START_LIMIT_MS / 1000} s.`);
  try {
    version = await query("SELECT version()", 5_000);
  } catch {
    await delay(10);
  }
}

// From here on the engine's lock on the data directory is ours alone.
writePrivate(
  stateFile,
  `${JSON.stringify(
    {
      version: 1,
      serverId,
      pid: process.pid,
      host: HOST,
      httpPort,
      tcpPort,
      controlPort: control.address().port,
      token,
      url: `http://${HOST}:${httpPort}`,
      ...accounts,
      engineVersion: version,
      startedAt,
    },
    null,
    2,
  )}\n`,
);
removeLeftovers();
report({ ready: true });
stopUnlessHeld(FIRST_HOLDER_LIMIT_MS);
await leave();
