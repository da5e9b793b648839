import { inspect } from "node:util";

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import { tickets } from "@/lib/catalog/tickets";
import type { ObjectFault } from "@/server/canonical/canonical-store";
import { S3Store } from "@/server/canonical/s3/s3-store";
import type { S3Settings } from "@/server/canonical/s3/s3-settings";
import { StoreError } from "@/server/canonical/store-error";
import { ClickHouseError } from "@/server/clickhouse/error";
import { rawRows } from "@/server/scd2/raw-rows";

import { type TestDb, testDb } from "../support/clickhouse";
import { type Fault, S3Server, type SeenRequest } from "../support/s3/s3-server";
import { S3_ACCOUNT, s3SettingsOf } from "../support/store-fixture";

const KEY = "acme/canonical/tickets/a-20240301T000000Z-1.ndjson";
const OTHER = "acme/canonical/tickets/b-20240301T000000Z-1.ndjson";
const CONTENT = Buffer.from('{"ticket_id":"1"}\n'.repeat(500));

let clickHouse: TestDb;
let s3: S3Server;
beforeAll(async () => {
  clickHouse = await testDb();
  s3 = await S3Server.start("eu-central-1");
});
afterAll(async () => {
  await s3.close();
  await clickHouse.close();
});
beforeEach(() => {
  s3.accounts.splice(0, Number.POSITIVE_INFINITY, S3_ACCOUNT, {
    accessKeyId: "AKIADENIED",
    secretAccessKey: "nothing",
    isAllowed: false,
  });
  s3.faults.length = 0;
  const { bucket, prefix } = s3SettingsOf(s3).address;
  s3.buckets.clear();
  for (const key of [KEY, OTHER]) s3.bucket(bucket).put(`${prefix}${key}`, CONTENT);
});
afterEach(() => vi.unstubAllEnvs());

function storeWith(more: Partial<S3Settings> = {}): S3Store {
  return new S3Store(s3SettingsOf(s3, { attempts: 3, ...more }));
}

function keys(more: Partial<typeof S3_ACCOUNT>): Pick<S3Settings, "credentials"> {
  return { credentials: { kind: "key", ...S3_ACCOUNT, ...more } };
}

const always = Number.POSITIVE_INFINITY;
const whenever = (): boolean => true;
const byClickHouse = (request: SeenRequest): boolean => !request.agent.includes("aws-sdk-js");
const reading = (request: SeenRequest): boolean =>
  byClickHouse(request) && request.method === "GET";

interface Trouble {
  readonly title: string;
  readonly settings?: () => Partial<S3Settings>;
  readonly fault?: Fault;
  readonly trouble: string;
  readonly says: RegExp;
  readonly transient?: boolean;
}

const UNUSABLE: readonly Trouble[] = [
  {
    title: "a wrong secret",
    settings: () => keys({ secretAccessKey: "not the secret of this key" }),
    trouble: "wrong-secret",
    says: /The secret for s3:\/\/canonical-objects.* does not belong to its access key\. Check CANONICAL_STORE_ACCESS_KEY_ID,/,
  },
  {
    title: "an access key nobody knows",
    settings: () => keys({ accessKeyId: "AKIANOBODY" }),
    trouble: "unknown-key",
    says: /does not know the access key/,
  },
  {
    title: "a session token of something else",
    settings: () => keys({ sessionToken: "of something else" }),
    trouble: "expired",
    says: /session token .* is not valid for its access key/,
  },
  {
    title: "temporary keys that have ended",
    fault: { when: whenever, times: always, status: 400, code: "ExpiredToken" },
    trouble: "expired",
    says: /have expired\. Renew CANONICAL_STORE_ACCESS_KEY_ID/,
  },
  {
    title: "keys that may not do anything",
    settings: () => ({
      credentials: { kind: "key", accessKeyId: "AKIADENIED", secretAccessKey: "nothing" },
    }),
    trouble: "denied",
    says: /may not read s3:\/\/canonical-objects.*s3:ListBucket on the bucket canonical-objects and s3:GetObject/,
  },
  {
    title: "another region",
    settings: () => ({ region: "us-west-2" }),
    trouble: "wrong-region",
    says: /is in region eu-central-1, not us-west-2\. Set CANONICAL_STORE_REGION=eu-central-1\./,
  },
  {
    title: "a redirect to another region",
    fault: { when: whenever, times: always, status: 301, code: "PermanentRedirect" },
    trouble: "wrong-region",
    says: /is not in region eu-central-1\. Set CANONICAL_STORE_REGION/,
  },
  {
    title: "a bucket that is not there",
    settings: () => ({ address: { bucket: "nobody-has-this", prefix: "" } }),
    trouble: "no-bucket",
    says: /There is no bucket nobody-has-this at http:\/\/127\.0\.0\.1.*Check CANONICAL_STORE\./,
  },
  {
    title: "a clock that is wrong",
    fault: { when: whenever, times: always, status: 403, code: "RequestTimeTooSkewed" },
    trouble: "wrong-clock",
    says: /clock of this machine/,
  },
  {
    title: "nobody who listens",
    settings: () => ({ endpoint: "http://127.0.0.1:1" }),
    trouble: "unreachable",
    says: /cannot be reached at http:\/\/127\.0\.0\.1:1 \(ECONNREFUSED\)\. Check the network and CANONICAL_STORE_ENDPOINT/,
    transient: true,
  },
  {
    title: "an S3 that stays overloaded",
    fault: { when: whenever, times: always, status: 503, code: "SlowDown" },
    trouble: "busy",
    says: /is overloaded or faulty/,
    transient: true,
  },
];

async function failureOf(work: Promise<unknown>): Promise<StoreError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof StoreError)) throw new Error(`no StoreError: ${inspect(error)}`);
  return error;
}

/** Reads objects as a run does, and asks the store why it could not. */
async function read(store: S3Store, ...objects: string[]): Promise<ObjectFault | undefined> {
  const raw = await rawRows(tickets, store, "ndjson", objects);
  try {
    await clickHouse.db.command({
      name: "test.read",
      params: raw.params,
      settings: { ...raw.settings },
      sql: `SELECT * FROM (${raw.sql}) FORMAT Null`,
    });
  } catch (error) {
    if (!(error instanceof ClickHouseError)) throw error;
    await store.explain(error);
    return (await store.explain(error, objects[0])) ?? ("unexplained" as ObjectFault);
  }
  return undefined;
}

function expectNoSecret(error: StoreError): void {
  const shown = `${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
  for (const secret of [S3_ACCOUNT.secretAccessKey, S3_ACCOUNT.sessionToken, "CanonicalRequest"]) {
    expect(shown).not.toContain(secret);
  }
}

describe("a store that cannot be used says what is wrong and what to do", () => {
  it.each(UNUSABLE)("$title", async ({ settings, fault, trouble, says, transient = false }) => {
    if (fault !== undefined) s3.faults.push({ ...fault });
    const error = await failureOf(storeWith(settings?.()).check());
    expect(error).toMatchObject({ trouble, transient });
    expect(error.message).toMatch(says);
    expectNoSecret(error);
  });

  it("no credentials at all", async () => {
    for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]) {
      vi.stubEnv(name, undefined);
    }
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
    vi.stubEnv("AWS_CONFIG_FILE", "/nowhere");
    vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
    const error = await failureOf(storeWith({ credentials: { kind: "role" } }).check());
    expect(error.trouble).toBe("no-credentials");
    expect(error.message).toMatch(
      /^No credentials for s3:.* Give this process a role, set CANONICAL_STORE_ACCESS_KEY_ID/,
    );
  });
});

describe("what ClickHouse reports under one code is told apart", () => {
  const troubles = UNUSABLE.filter(({ trouble }) =>
    ["wrong-secret", "unknown-key", "denied", "no-bucket", "busy"].includes(trouble),
  );
  it.each(troubles)("$title", async ({ settings, fault, trouble, says }) => {
    if (fault !== undefined) s3.faults.push({ ...fault });
    const error = await failureOf(read(storeWith(settings?.()), KEY));
    expect(error.trouble).toBe(trouble);
    expect(error.message).toMatch(says);
    expectNoSecret(error);
  });

  it("an object that is gone", async () => {
    expect(await read(storeWith(), KEY.replace("a-", "none-"))).toBe("vanished");
  });

  it("an object that is replaced while it is read", async () => {
    const { address } = s3SettingsOf(s3);
    const replace = (): void => {
      s3.bucket(address.bucket).put(`${address.prefix}${KEY}`, Buffer.from("{}\n"));
    };
    s3.faults.push({ when: reading, act: replace });
    expect(await read(storeWith(), KEY)).toBe("replaced");
  });

  it("an object that is denied though others are not", async () => {
    const denied = (request: SeenRequest): boolean => request.key.endsWith(KEY);
    s3.faults.push({ when: denied, times: always, status: 403, code: "AccessDenied" });
    expect(await read(storeWith(), KEY)).toBe("denied");
    expect(await read(storeWith(), OTHER)).toBeUndefined();
  });

  it.each(["midway", "early end"] as const)("a body cut off: %s", async (reset) => {
    s3.faults.push({ when: reading, times: always, reset });
    const error = await failureOf(read(storeWith(), KEY));
    expect(error).toMatchObject({ trouble: "broken-answer", transient: true });
    expect(error.message).toMatch(/broke off in the middle of an answer/);
  });

  it("temporary keys that end between two requests", async () => {
    s3.faults.push({ when: byClickHouse, times: always, status: 400, code: "ExpiredToken" });
    const error = await failureOf(read(storeWith(), KEY));
    expect(error).toMatchObject({ transient: true });
  });
});

describe("what passes is tried again, and nobody hears of it", () => {
  const passing: readonly [string, Omit<Fault, "when">][] = [
    ["SlowDown", { status: 503, code: "SlowDown" }],
    ["an internal error", { status: 500, code: "InternalError" }],
    ["a reset connection", { reset: "at once" }],
    ["a body that breaks off", { reset: "midway" }],
    ["a body that ends early", { reset: "early end" }],
  ];
  it.each(passing)("%s", async (_title, fault) => {
    const store = storeWith();
    s3.faults.push({ ...fault, when: whenever });
    expect(await store.list("acme/")).toHaveLength(2);
    s3.faults.push({ ...fault, when: reading });
    expect(await read(store, KEY, OTHER)).toBeUndefined();
    expect(s3.faults).toEqual([]);
  });
});

describe("a listing of several pages", () => {
  it("is whole, in order, and the same however often a page fails", async () => {
    const { address } = s3SettingsOf(s3);
    for (let index = 0; index < 25; index++) {
      s3.bucket(address.bucket).put(
        `${address.prefix}many/canonical/tickets/${index}.ndjson`,
        CONTENT,
      );
      s3.bucket(address.bucket).put(`${address.prefix}many-${index}/canonical/a/x.ndjson`, CONTENT);
    }
    s3.pageSize = 4;
    s3.faults.push({
      when: ({ query }) => query.has("continuation-token"),
      status: 503,
      code: "SlowDown",
    });
    try {
      const listed = (await storeWith().list("many/")).map(({ key }) => key);
      expect(listed).toHaveLength(25);
      expect(listed).toEqual(listed.toSorted());
      expect(await storeWith().tenants()).toHaveLength(27);
    } finally {
      s3.pageSize = 1000;
    }
  });
});
