import { splitStatements } from "@/server/clickhouse/split-statements";

/** What the statements of `sql/access` say. */
export interface Access {
  /** By role or user, without `TO …`. */
  readonly grants: Map<string, string[]>;
  readonly roles: string[];
  readonly users: Map<string, { hash: string; roles: string[] }>;
  readonly profiles: { name: string; settings: string; role: string }[];
  readonly filters: { database: string; table: string; condition: string; role: string }[];
  readonly quotas: { name: string; seconds: number; limits: string; role: string }[];
}

type Found = Readonly<Record<string, string>>;

/** One entry a kind of statement. */
const READERS: readonly [RegExp, (found: Found, access: Access) => void][] = [
  [/^CREATE DATABASE IF NOT EXISTS \w+$/, () => {}],
  [/^CREATE ROLE OR REPLACE (?<role>\w+)$/, ({ role = "" }, { roles }) => roles.push(role)],
  [
    /^CREATE USER OR REPLACE (?<user>\w+) IDENTIFIED WITH sha256_hash BY '(?<hash>[0-9a-f]{64})'$/,
    ({ user = "", hash = "" }, { users }) => users.set(user, { hash, roles: [] }),
  ],
  [
    /^GRANT (?<what>.+ ON .+) TO (?<whom>\w+)$/,
    ({ what = "", whom = "" }, { grants }) => {
      grants.set(whom, [...(grants.get(whom) ?? []), `GRANT ${what}`]);
    },
  ],
  [
    /^REVOKE (?<what>.+ ON .+) FROM (?<whom>\w+)$/,
    ({ what = "", whom = "" }, { grants }) => grants.get(whom)?.push(`REVOKE ${what}`),
  ],
  [
    /^GRANT (?<role>\w+) TO (?<user>\w+)$/,
    ({ role = "", user = "" }, { users }) => users.get(user)?.roles.push(role),
  ],
  [
    /^CREATE SETTINGS PROFILE OR REPLACE (?<name>\w+) SETTINGS (?<settings>.+) TO (?<role>\w+)$/,
    ({ name = "", settings = "", role = "" }, { profiles }) =>
      profiles.push({ name, settings, role }),
  ],
  [
    /^CREATE ROW POLICY OR REPLACE \w+ ON (?<database>\w+)\.(?<table>\w+) FOR SELECT USING (?<condition>.+) TO (?<role>\w+)$/,
    ({ database = "", table = "", condition = "", role = "" }, { filters }) =>
      filters.push({ database, table, condition, role }),
  ],
  [
    /^CREATE QUOTA OR REPLACE (?<name>\w+) KEYED BY user_name FOR INTERVAL (?<minutes>\d+) minute MAX (?<limits>.+) TO (?<role>\w+)$/,
    ({ name = "", minutes = "", limits = "", role = "" }, { quotas }) =>
      quotas.push({ name, seconds: Number(minutes) * 60, limits, role }),
  ],
];

/**
 * Reads statements of `sql/access`.
 *
 * @throws Error at one of another kind, so that nothing in the files goes untested unseen
 */
export function readAccess(sql: string): Access {
  const access: Access = {
    grants: new Map(),
    roles: [],
    users: new Map(),
    profiles: [],
    filters: [],
    quotas: [],
  };
  for (const statement of splitStatements(sql)) {
    const plain = statement.replaceAll(/\s+/g, " ");
    const reader = READERS.find(([pattern]) => pattern.test(plain));
    if (reader === undefined) throw new Error(`The tests cannot try this statement: ${plain}`);
    reader[1](reader[0].exec(plain)?.groups ?? {}, access);
  }
  return access;
}

/**
 * The same access as a file of the server's own users, for the embedded engine keeps none made by SQL. Grants go in word for
 * word; the engine reads them as it reads the statement.
 *
 * @param options.settingFor stands in for a setting of our own, which the embedded engine cannot have
 * @param options.adminHash SHA-256 of the password of `admin`, who may do everything
 */
export function usersFile(
  access: Access,
  options: {
    adminHash: string;
    settingFor: Readonly<Record<string, string>>;
  },
): string {
  const rename = (text: string): string =>
    Object.entries(options.settingFor).reduce(
      (done, [ours, theirs]) => done.replaceAll(ours, theirs),
      text,
    );
  const users = [...access.users].map(([name, { hash, roles }]) => {
    const of = <T extends { role: string }>(list: readonly T[]): T[] =>
      list.filter(({ role }) => roles.includes(role));
    return element(name, [
      element("password_sha256_hex", hash),
      element("profile", of(access.profiles)[0]?.name ?? "default"),
      element("quota", of(access.quotas)[0]?.name ?? "default"),
      element(
        "grants",
        roles.map((role) => element("query", `GRANT ${role}`)),
      ),
      element(
        "databases",
        of(access.filters).map(({ database, table, condition }) =>
          element(database, [element(table, [element("filter", escapeXml(rename(condition)))])]),
        ),
      ),
    ]);
  });
  const grantsOf = (role: string): string[] => access.grants.get(role) ?? [];
  return element("clickhouse", [
    element("profiles", [
      element("default", ""),
      ...access.profiles.map(({ name, settings }) => element(name, profile(rename(settings)))),
    ]),
    element("quotas", [
      element("default", ""),
      ...access.quotas.map(({ name, seconds, limits }) =>
        element(name, [interval(seconds, limits)]),
      ),
    ]),
    element(
      "roles",
      access.roles.map((role) =>
        element(role, [
          element(
            "grants",
            grantsOf(role).map((grant) => element("query", escapeXml(grant))),
          ),
        ]),
      ),
    ),
    element("users", [
      // The engine's own first session, which starts listening.
      element("default", [
        element("password", ""),
        element("grants", [
          element("query", "GRANT SYSTEM LISTEN ON *.*"),
          element("query", "GRANT SELECT ON system.numbers"),
        ]),
      ]),
      element("admin", [
        element("password_sha256_hex", options.adminHash),
        element("access_management", "1"),
      ]),
      ...users,
    ]),
  ]);
}

/** `a = 1 MIN 0 MAX 2, b = 3 CONST` */
function profile(settings: string): string[] {
  const constraints: string[] = [];
  const values = settings.split(", ").map((setting) => {
    const found =
      /^(?<name>\w+) = (?<value>\w+)(?: MIN (?<min>\d+))?(?: MAX (?<max>\d+))?(?<fixed> CONST)?$/.exec(
        setting,
      )?.groups;
    if (found === undefined) throw new Error(`The tests cannot try this setting: ${setting}`);
    const { name = "", value = "", min, max, fixed } = found;
    const limits = [
      ...(min === undefined ? [] : [element("min", min)]),
      ...(max === undefined ? [] : [element("max", max)]),
      ...(fixed === undefined ? [] : [element("readonly", "")]),
    ];
    if (limits.length > 0) constraints.push(element(name, limits));
    return element(name, value);
  });
  return [...values, element("constraints", constraints)];
}

/** `queries = 5, read_rows = 6` */
function interval(seconds: number, limits: string): string {
  return element("interval", [
    element("duration", String(seconds)),
    ...limits.split(", ").map((limit) => {
      const [name = "", value = ""] = limit.split(" = ");
      return element(name, value);
    }),
  ]);
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function element(name: string, content: string | readonly string[]): string {
  return `<${name}>${typeof content === "string" ? content : content.join("\n")}</${name}>\n`;
}
