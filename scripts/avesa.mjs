// The command line: node scripts/avesa.mjs VERB …, or npm run --silent avesa -- VERB …
import { runCli } from "./support/cli.mjs";
import { install } from "./support/install.mjs";
import { loadDotEnv, requireNode } from "./support/project.mjs";

requireNode();
loadDotEnv();
await install();
// npm goes to the project's folder first; directories on the command line are meant from where the person is.
if (process.env.npm_lifecycle_event === "avesa" && process.env.INIT_CWD) {
  process.env.AVESA_CWD = process.env.INIT_CWD;
}
await runCli(process.argv.slice(2));
