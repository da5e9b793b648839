/** A flag of a verb: as node:util has them, with a line of help. */
export interface Flag {
  readonly type: "string" | "boolean";
  readonly multiple?: boolean;
  readonly default?: string | boolean;
  /** What stands for the value in the help, such as "DIR"; strings only. */
  readonly value?: string;
  readonly help: string;
}

export type Flags = Readonly<Record<string, Flag>>;

type One<F extends Flag> = F["type"] extends "string" ? string : boolean;
type Value<F extends Flag> = F extends { readonly multiple: true } ? One<F>[] : One<F>;
type Values<F extends Flags> = {
  readonly [K in keyof F]: F[K] extends { readonly default: string | boolean }
    ? Value<F[K]>
    : Value<F[K]> | undefined;
};

/** What a verb gets to work with. Results go to `print`, everything said on the way to `say`. */
export interface CliContext<F extends Flags = Flags> {
  readonly flags: Values<F>;
  readonly positionals: readonly string[];
  /** Aborted by the first Ctrl-C or SIGTERM; a second one ends the process at once. */
  readonly signal: AbortSignal;
  /** A line of the result, on standard output. */
  print(line: string): void;
  /** A line for the person who waits, on standard error. */
  say(line: string): void;
}

/** One command. `--data`, `--store` and `--help` belong to all of them and are dealt with before `run`. */
export interface Verb<F extends Flags = Flags> {
  /** One word, or two as in "user add". */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** More lines for the verb's own help. */
  readonly description?: string;
  /** Names of what stands after the verb, such as "CASES.json". */
  readonly arguments?: readonly string[];
  /** Whether any number of further words may stand after the verb. */
  readonly takesMore?: boolean;
  readonly flags: F;
  /** Does the work; resolves with the exit code. */
  run(context: CliContext<F>): Promise<number>;
}

/** Keeps the flags' types for `run`. */
export function defineVerb<const F extends Flags>(verb: Verb<F>): Verb {
  return verb as unknown as Verb;
}

/** The command was called wrongly: message, hint at the help, exit code 2. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** The verb whose help is pointed at. */
    readonly verb?: string,
  ) {
    super(message);
    this.name = "UsageError";
  }
}

/** The value of a flag that must be given. */
export function required(value: string | undefined, flag: string): string {
  if (value === undefined || value === "") throw new UsageError(`--${flag} is missing.`);
  return value;
}
