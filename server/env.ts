import "server-only";
import { totalmem } from "node:os";
import path from "node:path";

import { z } from "zod";

const GIBIBYTE = 1024 ** 3;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** Memory this process may use, in bytes: the container's limit where there is one, otherwise the machine's. */
function machineMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

function defaultMaxMemory(): number {
  return Math.max(GIBIBYTE, Math.floor(machineMemory() * 0.6));
}

const url = z.url({
  protocol: /^https?$/,
  error: "must be an address such as http://localhost:8123",
});

const region = z
  .string()
  .regex(/^[a-z0-9-]{2,40}$/, "must be a region such as eu-central-1")
  .optional();

const schema = z.object({
  /** Port of the console. */
  PORT: z.coerce
    .number("must be a whole number")
    .int()
    .min(1, "must be a port")
    .max(65_535, "must be a port")
    .default(3000),
  /** The address the console listens on; 0.0.0.0 is every one of this machine. */
  HOST: z
    .union([z.ipv4(), z.ipv6(), z.literal("localhost")], {
      error: "must be an address of this machine, such as 127.0.0.1 or 0.0.0.0",
    })
    .default("127.0.0.1"),
  /** Where the embedded ClickHouse, generated secrets and (by default) the canonical objects live. */
  DATA_DIR: z.string().default("./data"),
  /** Canonical objects: a directory, or `s3://bucket/prefix`. Default: `canonical` in DATA_DIR. */
  CANONICAL_STORE: z.string().optional(),
  /** Region of the bucket. Default: AWS_REGION, AWS_DEFAULT_REGION; us-east-1 where CANONICAL_STORE_ENDPOINT is set. */
  CANONICAL_STORE_REGION: region,
  /** An S3 other than AWS; ClickHouse must reach it under the same address. */
  CANONICAL_STORE_ENDPOINT: url.optional(),
  /** Address objects as ENDPOINT/BUCKET/KEY. Default: on where CANONICAL_STORE_ENDPOINT is set. */
  CANONICAL_STORE_PATH_STYLE: z.enum(["on", "off"]).optional(),
  /** Credentials for the store. Default: those of CANONICAL_STORE_SECRET_ID, otherwise those of the process's role. */
  CANONICAL_STORE_ACCESS_KEY_ID: z.string().optional(),
  CANONICAL_STORE_SECRET_ACCESS_KEY: z.string().optional(),
  CANONICAL_STORE_SESSION_TOKEN: z.string().optional(),
  /** Name or ARN of a secret in Secrets Manager with accessKeyId and secretAccessKey as JSON. */
  CANONICAL_STORE_SECRET_ID: z.string().optional(),
  /** How far behind the newest loaded object the store's objects are compared with the ledger one by one. */
  CANONICAL_STORE_WINDOW_MINUTES: z.coerce
    .number("must be a whole number of minutes")
    .int("must be a whole number of minutes")
    .min(0, "must not be negative")
    .default(120),
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  /** A ClickHouse server to use instead of the embedded one. */
  CLICKHOUSE_URL: url.optional(),
  CLICKHOUSE_USER: z.string().default("default"),
  CLICKHOUSE_PASSWORD: z.string().default(""),
  /** An account that may only read; without it screens read as CLICKHOUSE_USER. */
  CLICKHOUSE_READER_USER: z.string().optional(),
  CLICKHOUSE_READER_PASSWORD: z.string().default(""),
  CLICKHOUSE_DATABASE: z
    .string()
    .regex(
      IDENTIFIER,
      "must be letters, digits and underscores, beginning with a letter or underscore",
    )
    .default("avesa"),
  /** Days after which a plan that nobody decided on is rejected. */
  PLAN_EXPIRY_DAYS: z.coerce
    .number("must be a number of days")
    .positive("must be more than 0")
    .max(365, "must be at most 365")
    .default(7),
  /** Name of the cluster that DDL runs on (`ON CLUSTER`); empty: this server alone. */
  CLICKHOUSE_CLUSTER: z
    .string()
    .regex(
      IDENTIFIER,
      "must be letters, digits and underscores, beginning with a letter or underscore",
    )
    .optional(),
  /**
   * Further servers that tenants are spread over, addresses with commas between, in the order in which the cluster
   * CLICKHOUSE_SHARDS_CLUSTER names them behind its first shard, which is CLICKHOUSE_URL.
   */
  CLICKHOUSE_SHARDS: z
    .string()
    .default("")
    .transform((text) => text.split(",").map((one) => one.trim()))
    .transform((urls) => urls.filter((one) => one !== ""))
    .pipe(z.array(url)),
  /** The cluster in the configuration of CLICKHOUSE_URL that all of them make up, for reads over all tenants. */
  CLICKHOUSE_SHARDS_CLUSTER: z
    .string()
    .regex(
      IDENTIFIER,
      "must be letters, digits and underscores, beginning with a letter or underscore",
    )
    .optional(),
  /** Upper bound for the embedded server's memory, in bytes. Default: 60 % of the machine's. */
  CLICKHOUSE_MAX_MEMORY_BYTES: z.coerce
    .number("must be a whole number")
    .int()
    .min(536_870_912)
    .optional(),
  /** Signs session tokens. Default: generated once and kept in DATA_DIR. */
  NEXTAUTH_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  /** Address people reach the console at. Default: `http://localhost:PORT`. */
  NEXTAUTH_URL: url.optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  /** Whether this process starts increments by itself; several may, and one at a time does. */
  AVESA_SCHEDULES: z.enum(["on", "off"]).default("on"),
  /** How landed objects are noticed: `watch` the directory, `listing` every AVESA_LISTING_SECONDS, or not at all. */
  AVESA_LANDING: z.enum(["watch", "listing", "off"]).default("watch"),
  /** How often the store is listed where that stands in for watching. */
  AVESA_LISTING_SECONDS: z.coerce
    .number("must be a number of seconds")
    .int("must be a whole number of seconds")
    .min(5, "must be at least 5")
    .default(60),
  /** Tables that are worked on at once over all tenants: by this process, or on AWS by all functions together. */
  AVESA_TABLES_AT_ONCE: z.coerce
    .number("must be a whole number")
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(100, "must be at most 100")
    .default(10),
  /** How long batches at work may go on when this process is told to stop; then they are left for the next start. */
  AVESA_DRAIN_SECONDS: z.coerce
    .number("must be a number of seconds")
    .min(0, "must be at least 0")
    .max(3_600, "must be at most 3600")
    .default(20),
  /** Password of the first administrator; without it one is made up and printed once. */
  AVESA_ADMIN_PASSWORD: z.string().min(12, "must have at least 12 characters").optional(),
  /** Whether an empty data directory is filled with three demo tenants. */
  AVESA_DEMO: z.enum(["on", "off"]).default("on"),
  /** Who carries runs out: this machine's processes, or AWS Step Functions. */
  ORCHESTRATOR: z.enum(["local", "stepfunctions"]).default("local"),
  /** The state machine that `stepfunctions` starts; its region is taken from here. */
  STATE_MACHINE_ARN: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:stateMachine:[A-Za-z0-9_-]{1,80}$/,
      "must be the ARN of a state machine",
    )
    .optional(),
  /** A secret with the address and account of ClickHouse, instead of CLICKHOUSE_URL and the like. */
  CLICKHOUSE_SECRET_ARN: z
    .string()
    .regex(
      /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/,
      "must be the ARN of a secret",
    )
    .optional(),
  /** The SQS queue that hears of runs and tables that failed for good. */
  DEAD_LETTER_QUEUE_URL: url.optional(),
  /** The SQS queue that asks for increments. */
  INCREMENTS_QUEUE_URL: url.optional(),
  /** CloudWatch namespace of the figures that functions on AWS put. */
  METRICS_NAMESPACE: z
    .string()
    .regex(/^[A-Za-z0-9_./#:-]{1,255}$/, "must be a CloudWatch namespace")
    .default("AVESA/ClickHouse"),
  /** Which of them are kept apart: those of the whole fleet, of each tenant, or of each tenant's table. */
  METRIC_DETAIL: z.enum(["fleet", "tenant", "table"]).default("table"),
  /** Where AWS services are asked instead of at their own addresses, for tests. */
  AWS_ENDPOINT_URL: url.optional(),
  /** The folder that holds package.json. Default: the working directory. */
  AVESA_ROOT: z.string().optional(),
});

type Raw = z.output<typeof schema>;

/** The settings of this process, defaults filled in; paths are absolute. */
export type Env = Omit<
  Raw,
  "CANONICAL_STORE" | "CLICKHOUSE_MAX_MEMORY_BYTES" | "NEXTAUTH_URL" | "AVESA_ROOT"
> & {
  CANONICAL_STORE: string;
  CLICKHOUSE_MAX_MEMORY_BYTES: number;
  NEXTAUTH_URL: string;
  AVESA_ROOT: string;
};

export type EnvKey = keyof typeof schema.shape;

/** The settings cannot be used; the message names every bad one. */
export class EnvError extends Error {
  constructor(readonly problems: readonly string[]) {
    super(
      `These settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    this.name = "EnvError";
  }
}

interface EnvState {
  overrides: Partial<Record<EnvKey, string>>;
  parsed: Env | undefined;
}

const holder = globalThis as typeof globalThis & { __avesaEnv?: EnvState };

function state(): EnvState {
  holder.__avesaEnv ??= { overrides: {}, parsed: undefined };
  return holder.__avesaEnv;
}

/**
 * Reads settings from name/value pairs. An empty value counts as not set.
 *
 * @param source such as `process.env`; relative paths in it are taken from AVESA_ROOT or the working directory
 * @throws EnvError naming every bad setting at once
 */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const given = Object.fromEntries(
    Object.keys(schema.shape)
      .map((key) => [key, source[key]] as const)
      .filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = schema.safeParse(given);
  if (!result.success) {
    throw new EnvError(
      result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    );
  }
  const raw = result.data;
  const problems = shardProblems(raw);
  if (problems.length > 0) throw new EnvError(problems);
  const root = path.resolve(/* turbopackIgnore: true */ raw.AVESA_ROOT ?? process.cwd());
  const dataDir = path.resolve(root, raw.DATA_DIR);
  const store = raw.CANONICAL_STORE ?? path.join(dataDir, "canonical");
  return {
    ...raw,
    AVESA_ROOT: root,
    DATA_DIR: dataDir,
    CANONICAL_STORE: /^[a-z0-9]+:\/\//.test(store) ? store : path.resolve(root, store),
    CLICKHOUSE_MAX_MEMORY_BYTES: raw.CLICKHOUSE_MAX_MEMORY_BYTES ?? defaultMaxMemory(),
    NEXTAUTH_URL: raw.NEXTAUTH_URL ?? `http://localhost:${raw.PORT}`,
  };
}

/** What does not go together with tenants on several servers. */
function shardProblems(raw: Raw): string[] {
  if (raw.CLICKHOUSE_SHARDS.length === 0) return [];
  const isNamed = raw.CLICKHOUSE_URL !== undefined || raw.CLICKHOUSE_SECRET_ARN !== undefined;
  return [
    ...(isNamed ? [] : ["CLICKHOUSE_SHARDS: needs CLICKHOUSE_URL, which is the first of them"]),
    ...(raw.CLICKHOUSE_SHARDS_CLUSTER === undefined
      ? ["CLICKHOUSE_SHARDS: needs CLICKHOUSE_SHARDS_CLUSTER, the cluster they make up"]
      : []),
    ...(raw.CLICKHOUSE_CLUSTER === undefined
      ? []
      : ["CLICKHOUSE_SHARDS: tables are made on each of them; leave CLICKHOUSE_CLUSTER empty"]),
    ...(raw.ORCHESTRATOR === "local"
      ? []
      : ["CLICKHOUSE_SHARDS: only ORCHESTRATOR=local carries out runs on several servers"]),
  ];
}

/**
 * The settings of this process, read at the first call.
 *
 * @throws EnvError naming every bad setting at once
 */
export function env(): Env {
  const current = state();
  current.parsed ??= parseEnv({ ...process.env, ...current.overrides });
  return current.parsed;
}

/** Whether this process is a Lambda function; known before the settings are read. */
export function isLambda(): boolean {
  return process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined;
}

/** Puts values (command line flags, test set-ups) above the environment's. Later calls add to earlier ones. */
export function overrideEnv(values: Partial<Record<EnvKey, string>>): void {
  const current = state();
  current.overrides = { ...current.overrides, ...values };
  current.parsed = undefined;
}

/**
 * The environment for a child process that must see the same settings as this one.
 *
 * @param extra further variables, above everything else
 */
export function childEnv(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const merged: Record<string, string | undefined> = {
    ...process.env,
    ...state().overrides,
    ...extra,
  };
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
