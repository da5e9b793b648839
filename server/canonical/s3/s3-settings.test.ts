import { describe, expect, it } from "vitest";

import { parseEnv } from "@/server/env";

import { objectUrl } from "./object-url";
import { parseS3Address } from "./s3-address";
import { s3Settings } from "./s3-settings";

const address = { bucket: "objects", prefix: "" };

describe("an address in S3", () => {
  it.each([
    ["s3://objects", { bucket: "objects", prefix: "" }],
    ["s3://objects/", { bucket: "objects", prefix: "" }],
    ["s3://my.objects-1/of/the team", { bucket: "my.objects-1", prefix: "of/the team/" }],
    ["s3://objects/team/", { bucket: "objects", prefix: "team/" }],
  ])("%s is read", (text, expected) => {
    expect(parseS3Address(text)).toEqual(expected);
  });

  it.each([
    "s3://",
    "s3:///prefix",
    "s3://ab",
    "s3://Objects",
    "s3://user:password@objects",
    "s3:/objects",
  ])("%s names no bucket", (text) =>
    expect(() => parseS3Address(text)).toThrow(/names no bucket: write s3:\/\/bucket/),
  );

  it.each(["s3://objects//a", "s3://objects/a/../b", "s3://objects/{a,b}", "s3://objects/a*"])(
    "the prefix of %s cannot be read",
    (text) => expect(() => parseS3Address(text)).toThrow(/prefix .* cannot be read/),
  );
});

describe("the settings", () => {
  const settings = (env: Record<string, string>): ReturnType<typeof s3Settings> =>
    s3Settings("s3://objects/team", parseEnv(env));

  it("have defaults for AWS and for others", () => {
    expect(settings({ AWS_REGION: "eu-central-1" })).toEqual({
      location: "s3://objects/team",
      address: { bucket: "objects", prefix: "team/" },
      region: "eu-central-1",
      pathStyle: false,
      credentials: { kind: "role" },
      changeWindowMs: 7_200_000,
    });
    expect(settings({ CANONICAL_STORE_ENDPOINT: "http://localhost:9000/" })).toMatchObject({
      region: "us-east-1",
      endpoint: "http://localhost:9000",
      pathStyle: true,
    });
    expect(
      settings({
        AWS_REGION: "eu-central-1",
        CANONICAL_STORE_REGION: "eu-west-1",
        CANONICAL_STORE_SECRET_ID: "avesa/store",
        CANONICAL_STORE_PATH_STYLE: "on",
        CANONICAL_STORE_WINDOW_MINUTES: "30",
      }),
    ).toMatchObject({
      region: "eu-west-1",
      pathStyle: true,
      credentials: { kind: "secret", secretId: "avesa/store" },
      changeWindowMs: 1_800_000,
    });
  });

  it.each([
    [{}, /region of s3:\/\/objects\/team is not known\. Set CANONICAL_STORE_REGION/],
    [{ CANONICAL_STORE_ACCESS_KEY_ID: "AKIA" }, /belong together: set both, or neither/],
    [
      {
        CANONICAL_STORE_ACCESS_KEY_ID: "AKIA",
        CANONICAL_STORE_SECRET_ACCESS_KEY: "hunter2",
        CANONICAL_STORE_SECRET_ID: "avesa/store",
      },
      /^(?!.*hunter2).*given twice/,
    ],
  ])("%o are refused in words", (env, says) => {
    const region = Object.keys(env).length === 0 ? {} : { AWS_REGION: "eu-central-1" };
    expect(() => settings({ ...env, ...region })).toThrow(says);
  });
});

describe("the address of objects", () => {
  const aws = { address, region: "eu-central-1", pathStyle: false };

  it.each([
    [aws, "https://objects.s3.eu-central-1.amazonaws.com/a.csv"],
    [{ ...aws, pathStyle: true }, "https://s3.eu-central-1.amazonaws.com/objects/a.csv"],
    [{ ...aws, region: "cn-north-1" }, "https://objects.s3.cn-north-1.amazonaws.com.cn/a.csv"],
    [
      { ...aws, address: { bucket: "my.objects", prefix: "" } },
      "https://s3.eu-central-1.amazonaws.com/my.objects/a.csv",
    ],
    [
      { ...aws, endpoint: "http://minio:9000/s3", pathStyle: true },
      "http://minio:9000/s3/objects/a.csv",
    ],
  ])("%o", (settings, expected) => {
    expect(objectUrl(settings, ["a.csv"])).toBe(expected);
  });

  it("lists several keys in braces and encodes what means something in a URL", () => {
    expect(objectUrl(aws, ["a b/c+d.csv", "ä%2F#?.csv"])).toBe(
      "https://objects.s3.eu-central-1.amazonaws.com/{a%20b/c%2Bd.csv,%C3%A4%252F%23%3F.csv}",
    );
  });
});
