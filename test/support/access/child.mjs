// A ClickHouse server with the configuration it is given, for tests of who may do what: `node child.mjs JSON`
// with { dir, configFile, httpPort, tcpPort }. It ends, by the kernel, when standard input does; nothing in it is worth keeping.
import { createRequire } from "node:module";
import path from "node:path";

import { findLibrary } from "../../../server/clickhouse/embedded/library.mjs";

const { dir, configFile, httpPort, tcpPort } = JSON.parse(process.argv[2] ?? "{}");
const { DataType, load, open } = createRequire(import.meta.url)("ffi-rs");

process.stdin.on("end", () => process.kill(process.pid, "SIGKILL")).resume();

open({ library: "chdb", path: findLibrary() });
const args = [
  "clickhouse",
  "--path",
  path.join(dir, "data"),
  "--listen_host",
  "127.0.0.1",
  "--http_port",
  String(httpPort),
  ...(tcpPort === undefined ? [] : ["--tcp_port", String(tcpPort)]),
  "--config-file",
  configFile,
  "--log-level=warning",
  "--query",
  `SYSTEM START LISTEN HTTP; ${tcpPort === undefined ? "" : "SYSTEM START LISTEN TCP; "}SELECT sleepEachRow(0.2) FROM system.numbers SETTINGS max_block_size = 1, function_sleep_max_microseconds_per_block = 0 FORMAT Null`,
];
await load({
  library: "chdb",
  funcName: "chdb_query_cmdline",
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
  runInNewThread: true,
});
