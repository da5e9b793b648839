// The command line: node scripts/avesa.mjs VERB …, or npm run --silent avesa -- VERB …
import { runCli } from "./support/cli.mjs";
import { install } from "./support/install.mjs";
import { loadDotEnv, requireNode } from "./support/project.mjs";

requireNode();
loadDotEnv();
await install();
await runCli(process.argv.slice(2));
