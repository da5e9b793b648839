import path from "node:path";
import { parseArgs } from "node:util";

import { isRemote } from "@/server/canonical/is-remote";
import { StoreError } from "@/server/canonical/store-error";
import { closeDb } from "@/server/clickhouse/client";
import { ClickHouseError } from "@/server/clickhouse/error";
import { EmbeddedServerError } from "@/server/clickhouse/embedded/holder";
import { MigrationError } from "@/server/clickhouse/migrate";
import { EnvError, env, overrideEnv } from "@/server/env";
import { AppError } from "@/server/errors";
import { log } from "@/server/log";

import { describeVerb, listVerbs } from "./help";
import { type CliContext, type Flag, UsageError, type Verb } from "./verb";
import { verbs } from "./verbs";

/** Flags of every verb. */
export const commonFlags = {
  data: { type: "string", value: "DIR", help: "Data directory (default: DATA_DIR, or ./data)" },
  store: {
    type: "string",
    value: "DIR|s3://BUCKET",
    help: "Where canonical objects are: a directory, or s3://bucket[/prefix] (default: CANONICAL_STORE, or canonical in the data directory)",
  },
  help: { type: "boolean", help: "This help" },
} as const satisfies Record<string, Flag>;

/** Exit codes: 0 done, 1 it failed, 2 it was called wrongly, 130 interrupted. */
const FAILED = 1;
const WRONG_CALL = 2;
const INTERRUPTED = 130;

/**
 * Runs one command and ends the process with its exit code.
 *
 * @param args what stands after the program's name
 */
export async function main(args: readonly string[]): Promise<void> {
  const abort = new AbortController();
  const interrupt = (): void => {
    if (abort.signal.aborted) process.exit(INTERRUPTED);
    abort.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  // A reader such as `head` that has seen enough is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

  let code: number;
  try {
    code = await dispatch(args, abort.signal);
  } catch (error) {
    code = explain(error, abort.signal.aborted);
  }
  await closeDb().catch((error: unknown) => log().debug({ error }, "closing failed"));
  await drained(process.stdout);
  process.exit(code);
}

async function dispatch(args: readonly string[], signal: AbortSignal): Promise<number> {
  const [first, second] = args;
  if (first === undefined || first === "help" || first === "--help" || first === "-h") {
    process.stdout.write(await listVerbs());
    return first === undefined ? WRONG_CALL : 0;
  }
  const entry =
    verbs.find((one) => one.name === `${first} ${second ?? ""}`) ??
    verbs.find((one) => one.name === first);
  if (entry === undefined) {
    throw new UsageError(
      `There is no command "${[first, second].filter((word) => word !== undefined && !word.startsWith("-")).join(" ")}".`,
    );
  }
  const { verb } = await entry.load();
  const rest = args.slice(verb.name.split(" ").length);
  const { values, positionals } = parse(verb, rest);
  if (values["help"] === true) {
    process.stdout.write(describeVerb(verb, commonFlags));
    return 0;
  }
  const expected = verb.arguments ?? [];
  const missing = expected[positionals.length];
  if (missing !== undefined) throw new UsageError(`${missing} is missing.`, verb.name);
  const extra = positionals[expected.length];
  if (extra !== undefined && verb.takesMore !== true)
    throw new UsageError(`"${extra}" is one argument too many.`, verb.name);

  applyCommonFlags(values);
  const context: CliContext = {
    flags: values as CliContext["flags"],
    positionals,
    signal,
    print: (line) => void process.stdout.write(`${line}\n`),
    say: (line) => void process.stderr.write(`${line}\n`),
  };
  try {
    return await verb.run(context);
  } catch (error) {
    if (error instanceof UsageError && error.verb === undefined)
      throw new UsageError(error.message, verb.name);
    throw error;
  }
}

function parse(
  verb: Verb,
  args: readonly string[],
): { values: Record<string, unknown>; positionals: string[] } {
  const flags: Record<string, Flag> = { ...verb.flags, ...commonFlags };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, multiple, default: fallback }]) => [
      name,
      {
        type,
        ...(multiple === undefined ? {} : { multiple }),
        ...(fallback === undefined ? {} : { default: fallback }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code?.startsWith("ERR_PARSE_ARGS") !== true) throw error;
    // Node's own words, up to its advice about positional arguments.
    throw new UsageError(message.split(". To specify")[0] ?? message, verb.name);
  }
}

/** Directories on the command line are meant from where the person is, also under npm, which changes the folder. */
function fromHere(directory: string): string {
  if (isRemote(directory)) return directory;
  return path.resolve(process.env["AVESA_CWD"] ?? process.cwd(), directory);
}

function applyCommonFlags(values: Readonly<Record<string, unknown>>): void {
  const { data, store } = values;
  if (typeof data === "string") {
    overrideEnv({ DATA_DIR: fromHere(data) });
  }
  if (typeof store === "string") overrideEnv({ CANONICAL_STORE: fromHere(store) });
  env();
}

/** Says what went wrong in words for people; returns the exit code. */
function explain(error: unknown, interrupted: boolean): number {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  if (error instanceof UsageError) {
    tell(error.message);
    tell(
      `See: npm run --silent avesa -- ${error.verb === undefined ? "" : `${error.verb} `}--help`,
    );
    return WRONG_CALL;
  }
  if (interrupted) {
    tell("Interrupted.");
    return INTERRUPTED;
  }
  if (error instanceof EnvError) {
    tell(error.message);
    return WRONG_CALL;
  }
  if (
    error instanceof AppError ||
    error instanceof StoreError ||
    error instanceof EmbeddedServerError ||
    error instanceof MigrationError ||
    error instanceof ClickHouseError
  ) {
    tell(error.message);
    if (error instanceof ClickHouseError)
      log().debug({ statement: error.statement, detail: error.detail }, "ClickHouse");
    return FAILED;
  }
  tell(error instanceof Error ? error.message : String(error));
  log().debug({ err: error }, "the command failed");
  return FAILED;
}

/** Resolves when everything written has left this process. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return;
  await new Promise<void>((resolve) => void stream.write("", () => resolve()));
}

if (
  process.argv[1] !== undefined &&
  process.argv[1].endsWith(path.join("server", "cli", "main.ts"))
) {
  await main(process.argv.slice(2));
}
