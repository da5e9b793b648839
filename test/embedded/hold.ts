import { holdServer } from "@/server/clickhouse/embedded/holder";

// Holds the embedded server of the folder given, and says on standard output which process that is.
const [dir] = process.argv.slice(2);
if (dir === undefined) throw new Error("Usage: hold.ts DIR");
const server = await holdServer({
  dir,
  root: process.cwd(),
  program: "test process",
  maxMemoryBytes: 2 * 1024 ** 3,
});
console.log(server.current.pid);
setInterval(() => {}, 60_000);
