import type { Flag, Verb } from "./verb";
import { verbs } from "./verbs";

const COMMAND = "npm run --silent avesa --";

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}

/** The list of all commands. */
export async function listVerbs(): Promise<string> {
  const loaded = await Promise.all(verbs.map(async (entry) => (await entry.load()).verb));
  return [
    "Moves canonical records into ClickHouse as SCD Type 2 history.\n\n",
    `Usage: ${COMMAND} COMMAND [flags]\n\nCommands:\n`,
    columns(loaded.map((verb) => [verb.name, verb.summary] as const)),
    `\nEvery command takes --data DIR, --store DIR and --help. Other settings come from the environment: see .env.example.\n`,
    `Progress goes to standard error, results to standard output. Exit codes: 0 done, 1 failed, 2 called wrongly.\n`,
  ].join("");
}

/** The help of one command. */
export function describeVerb(verb: Verb, common: Readonly<Record<string, Flag>>): string {
  const line = (name: string, flag: Flag): readonly [string, string] => [
    flag.type === "boolean"
      ? `--${name}`
      : `--${name} ${flag.value ?? "VALUE"}${flag.multiple === true ? "…" : ""}`,
    flag.help,
  ];
  const own = Object.entries(verb.flags);
  const usage = [COMMAND, verb.name, ...(verb.arguments ?? []), "[flags]"].join(" ");
  return [
    `${verb.summary}\n\nUsage: ${usage}\n`,
    verb.description === undefined ? "" : `\n${verb.description}\n`,
    "\nFlags:\n",
    columns([...own, ...Object.entries(common)].map(([name, flag]) => line(name, flag))),
  ].join("");
}
