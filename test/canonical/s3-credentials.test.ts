import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";

import { S3Credentials } from "@/server/canonical/s3/s3-credentials";
import { S3Store } from "@/server/canonical/s3/s3-store";

import { S3Server } from "../support/s3/s3-server";
import { s3SettingsOf } from "../support/store-fixture";

/** What the container's endpoint, or Secrets Manager, answers next; counted. */
let answer: () => { status: number; body: unknown };
let asked = 0;
let keysServer: Server;
let s3: S3Server;
beforeAll(async () => {
  s3 = await S3Server.start();
  keysServer = createServer((request, response) => {
    asked += 1;
    request.resume();
    const { status, body } = answer();
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => keysServer.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  keysServer.closeAllConnections();
  keysServer.close();
  await s3.close();
});
beforeEach(() => {
  asked = 0;
  s3.accounts.length = 0;
  s3.bucket("canonical-objects");
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.useRealTimers();
});

function keysAddress(): string {
  return `http://127.0.0.1:${(keysServer.address() as AddressInfo).port}`;
}

/** A role as a container has it. */
function byRole(): S3Store {
  for (const name of ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    vi.stubEnv(name, undefined);
  vi.stubEnv("AWS_CONFIG_FILE", "/nowhere");
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere");
  vi.stubEnv("AWS_CONTAINER_CREDENTIALS_FULL_URI", keysAddress());
  return new S3Store(s3SettingsOf(s3, { credentials: { kind: "role" } }));
}

function bySecret(): S3Store {
  vi.stubEnv("AWS_ENDPOINT_URL_SECRETS_MANAGER", keysAddress());
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIAPROCESS");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "process");
  return new S3Store(
    s3SettingsOf(s3, { credentials: { kind: "secret", secretId: "avesa/canonical" } }),
  );
}

/** Temporary keys of a generation; S3 knows those of the newest alone. */
function generation(number: number, minutes: number): object {
  const keys = {
    accessKeyId: `ASIA${number}`,
    secretAccessKey: `secret ${number}`,
    sessionToken: `token ${number}`,
  };
  s3.accounts.splice(0, Number.POSITIVE_INFINITY, keys);
  return {
    AccessKeyId: keys.accessKeyId,
    SecretAccessKey: keys.secretAccessKey,
    Token: keys.sessionToken,
    Expiration: new Date(Date.now() + minutes * 60_000).toISOString(),
  };
}

async function keyInStatement(store: S3Store): Promise<unknown> {
  const { params } = await store.source(["a.ndjson"], "LineAsString", "line String");
  return params["objects_key_id"];
}

it("a role's keys are shared by SDK and ClickHouse, and renewed while a statement could still outlive them", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const store = byRole();
  const first = generation(1, 60);
  answer = () => ({ status: 200, body: first });
  await store.check();
  expect(await keyInStatement(store)).toBe("ASIA1");
  expect(asked).toBe(1);

  vi.setSystemTime(Date.now() + 40 * 60_000);
  await keyInStatement(store);
  expect(asked).toBe(1);

  vi.setSystemTime(Date.now() + 5 * 60_000);
  const second = generation(2, 60);
  answer = () => ({ status: 200, body: second });
  expect(await keyInStatement(store)).toBe("ASIA2");
  expect(asked).toBe(2);
  await store.check();
});

it("keys that S3 no longer takes are asked for again at once", async () => {
  const store = byRole();
  const first = generation(1, 60);
  answer = () => ({ status: 200, body: first });
  await store.check();
  const second = generation(2, 60);
  answer = () => ({ status: 200, body: second });
  await store.check();
  expect(asked).toBe(2);
  expect(await keyInStatement(store)).toBe("ASIA2");
});

it("many at once ask once", async () => {
  const store = byRole();
  const first = generation(1, 60);
  answer = () => ({ status: 200, body: first });
  await Promise.all(Array.from({ length: 20 }, () => keyInStatement(store)));
  expect(asked).toBe(1);
});

it("a secret in Secrets Manager is read, and read again after it was rotated", async () => {
  const store = bySecret();
  const rotate = (name: string): void => {
    const keys = { accessKeyId: "AKIASTORE", secretAccessKey: name };
    s3.accounts.splice(0, Number.POSITIVE_INFINITY, keys);
    answer = () => ({
      status: 200,
      body: { Name: "avesa/canonical", SecretString: JSON.stringify(keys) },
    });
  };
  rotate("first");
  await store.check();
  await store.check();
  expect(asked).toBe(1);
  rotate("second");
  await store.check();
  expect(asked).toBe(2);
  const { sql, params } = await store.source(["a.ndjson"], "LineAsString", "line String");
  expect(params).toMatchObject({ objects_secret: "second" });
  expect(sql).not.toContain("session_token");
});

it.each([
  [
    "that is not there",
    { status: 400, body: { __type: "ResourceNotFoundException", message: "no" } },
    /^There is no secret avesa\/canonical in Secrets Manager\. \(CANONICAL_STORE_SECRET_ID, region us-east-1\)$/,
  ],
  [
    "that may not be read",
    { status: 400, body: { __type: "AccessDeniedException", message: "no" } },
    /may not read the secret avesa\/canonical\. Allow its role secretsmanager:GetSecretValue/,
  ],
  [
    "that is no JSON",
    { status: 200, body: { SecretString: "hunter2 is no JSON" } },
    /^(?!.*hunter2).* is not a JSON object with accessKeyId and secretAccessKey/,
  ],
  [
    "that lacks a key",
    { status: 200, body: { SecretString: '{"accessKeyId":"AKIA","password":"hunter2"}' } },
    /^(?!.*hunter2).* is not a JSON object with accessKeyId and secretAccessKey/,
  ],
])("a secret %s says so", async (_title, given, says) => {
  answer = () => given;
  await expect(bySecret().check()).rejects.toMatchObject({ trouble: "no-credentials" });
  await expect(bySecret().check()).rejects.toThrow(says);
});

it("keys that could not be had are asked for again by the next caller", async () => {
  byRole();
  const credentials = new S3Credentials(s3SettingsOf(s3, { credentials: { kind: "role" } }));
  answer = () => ({ status: 404, body: {} });
  await expect(credentials.get()).rejects.toMatchObject({ name: "StoreError" });
  const first = generation(1, 60);
  answer = () => ({ status: 200, body: first });
  expect(await credentials.get()).toMatchObject({ accessKeyId: "ASIA1" });
});
