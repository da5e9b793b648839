// npm start: everything that is missing, then the console.
import { buildIfStale } from "./support/build.mjs";
import { runCli } from "./support/cli.mjs";
import { install } from "./support/install.mjs";
import { loadDotEnv, requireNode } from "./support/project.mjs";

requireNode();
loadDotEnv();
await install();
if (!(await buildIfStale())) {
  process.stderr.write("The console could not be built; the reasons are above.\n");
  process.exit(1);
}
await runCli(["up", ...process.argv.slice(2)]);
