/** What a deployment is given, by `cdk deploy -c NAME=VALUE` or in the `context` of cdk.json. */
export interface Settings {
  /** In the names of what is made; several can live in one account. */
  readonly environment: string;
  /** Address of the ClickHouse service. */
  readonly clickHouseUrl: string;
  readonly clickHouseDatabase: string;
  /** An existing bucket of canonical objects; absent: one is made. */
  readonly canonicalBucket?: string;
  /** Who is written to when an alarm goes off. */
  readonly alertEmail?: string;
  /** How long landed objects are gathered before they start increments, in seconds. */
  readonly debounceSeconds: number;
  /** Which metrics are kept apart: those of the whole fleet, of each tenant, or of each tenant's table. */
  readonly metricDetail: "fleet" | "tenant" | "table";
  readonly logRetentionDays: number;
  /** The functions' network, where ClickHouse is reached by PrivateLink or peering. */
  readonly network?: Network;
}

export interface Network {
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly securityGroupId: string;
}

const LOG_RETENTION_DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731];
const NAMES: ReadonlySet<string> = new Set([
  "environment",
  "clickHouseUrl",
  "clickHouseDatabase",
  "canonicalBucket",
  "alertEmail",
  "debounceSeconds",
  "metricDetail",
  "logRetentionDays",
  "vpcId",
  "subnetIds",
  "securityGroupId",
]);

/** The settings cannot be used; the message names every bad one. */
export class SettingsError extends Error {
  constructor(problems: readonly string[]) {
    super(
      `These settings cannot be used:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
    );
    this.name = "SettingsError";
  }
}

/**
 * Reads the settings from name/value pairs; an empty value counts as not given.
 *
 * @throws SettingsError naming every bad one at once
 */
export function readSettings(given: Readonly<Record<string, unknown>>): Settings {
  const problems: string[] = [];
  const text = (name: string, pattern: RegExp, must: string, otherwise?: string): string => {
    const value = String(given[name] ?? "").trim() || otherwise;
    if (value === undefined) problems.push(`${name}: is missing; it must be ${must}`);
    else if (!pattern.test(value)) problems.push(`${name}: must be ${must}, and is "${value}"`);
    return value ?? "";
  };
  const optional = (name: string, pattern: RegExp, must: string): string | undefined =>
    String(given[name] ?? "").trim() === "" ? undefined : text(name, pattern, must);
  const whole = (
    name: string,
    otherwise: number,
    fits: (value: number) => boolean,
    must: string,
  ): number => {
    const value = Number(text(name, /^\d+$/, must, String(otherwise)));
    if (!Number.isNaN(value) && !fits(value)) problems.push(`${name}: must be ${must}`);
    return value;
  };
  for (const name of Object.keys(given)) {
    if (!NAMES.has(name)) problems.push(`${name}: there is no such setting`);
  }

  const environment = text(
    "environment",
    /^[a-z][a-z0-9-]{0,19}$/,
    "a short lower-case word",
    "production",
  );
  const clickHouseUrl = text(
    "clickHouseUrl",
    /^https:\/\/[a-z0-9.-]+(:\d+)?$/i,
    "an address such as https://abc.us-east-2.aws.clickhouse.cloud:8443",
  );
  const clickHouseDatabase = text(
    "clickHouseDatabase",
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    "letters, digits and underscores",
    "avesa_analytics",
  );
  const canonicalBucket = optional(
    "canonicalBucket",
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "the name of a bucket",
  );
  const alertEmail = optional("alertEmail", /^\S+@\S+\.\S+$/, "an e-mail address");
  const metricDetail = text(
    "metricDetail",
    /^(fleet|tenant|table)$/,
    "fleet, tenant or table",
    "table",
  ) as Settings["metricDetail"];
  const debounceSeconds = whole("debounceSeconds", 10, (value) => value <= 300, "0 to 300 seconds");
  const logRetentionDays = whole(
    "logRetentionDays",
    30,
    (value) => LOG_RETENTION_DAYS.includes(value),
    `one of ${LOG_RETENTION_DAYS.join(", ")}`,
  );
  const vpcId = optional("vpcId", /^vpc-[0-9a-f]+$/, "the id of a VPC");
  const subnetIds = optional(
    "subnetIds",
    /^subnet-[0-9a-f]+(,subnet-[0-9a-f]+)*$/,
    "ids of subnets with commas between",
  );
  const securityGroupId = optional(
    "securityGroupId",
    /^sg-[0-9a-f]+$/,
    "the id of a security group",
  );
  const network = [vpcId, subnetIds, securityGroupId].filter((value) => value !== undefined);
  if (network.length !== 0 && network.length !== 3) {
    problems.push("vpcId, subnetIds and securityGroupId: give all three or none");
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return {
    environment,
    clickHouseUrl,
    clickHouseDatabase,
    debounceSeconds,
    metricDetail,
    logRetentionDays,
    ...(canonicalBucket === undefined ? {} : { canonicalBucket }),
    ...(alertEmail === undefined ? {} : { alertEmail }),
    ...(vpcId === undefined || subnetIds === undefined || securityGroupId === undefined
      ? {}
      : { network: { vpcId, subnetIds: subnetIds.split(","), securityGroupId } }),
  };
}

/** The name as the design document has it; in another environment than production with that behind it. */
export function nameIn({ environment }: Settings, name: string): string {
  return environment === "production" ? name : `${name}-${environment}`;
}

/** The settings among the context of `cdk`; CDK's own entries have a colon or an at sign in their names. */
export function givenSettings(context: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(context).filter(([name]) => !/[@:]/.test(name)));
}
