import { readFileSync } from "node:fs";
import path from "node:path";

import { describe, expect, it } from "vitest";

import { EnvError, parseEnv } from "./env";

describe("parseEnv", () => {
  it("has a default for everything", () => {
    const settings = parseEnv({ AVESA_ROOT: "/srv/avesa" });
    expect(settings).toMatchObject({
      HOST: "127.0.0.1",
      PORT: 3000,
      DATA_DIR: "/srv/avesa/data",
      CANONICAL_STORE: "/srv/avesa/data/canonical",
      CLICKHOUSE_DATABASE: "avesa",
      NEXTAUTH_URL: "http://localhost:3000",
      LOG_LEVEL: "info",
    });
    expect(settings.CLICKHOUSE_URL).toBeUndefined();
    expect(settings.CLICKHOUSE_MAX_MEMORY_BYTES).toBeGreaterThanOrEqual(1024 ** 3);
  });

  it("takes an empty value for not set, and paths from the project's folder", () => {
    expect(parseEnv({ AVESA_ROOT: "/srv", DATA_DIR: "", PORT: "" })).toMatchObject({
      PORT: 3000,
      DATA_DIR: "/srv/data",
    });
    expect(parseEnv({ AVESA_ROOT: "/srv", DATA_DIR: "else/where" }).CANONICAL_STORE).toBe(
      "/srv/else/where/canonical",
    );
    expect(parseEnv({ AVESA_ROOT: "/srv", DATA_DIR: "/var/avesa" }).DATA_DIR).toBe("/var/avesa");
    expect(parseEnv({ CANONICAL_STORE: "s3://bucket/prefix" }).CANONICAL_STORE).toBe(
      "s3://bucket/prefix",
    );
  });

  it("names every bad setting at once", () => {
    const bad = {
      PORT: "eighty",
      CLICKHOUSE_URL: "localhost:8123",
      CLICKHOUSE_DATABASE: "a b; DROP",
      NEXTAUTH_SECRET: "short",
      LOG_LEVEL: "loud",
    };
    let problems: readonly string[] = [];
    try {
      parseEnv(bad);
    } catch (error) {
      if (error instanceof EnvError) problems = error.problems;
    }
    expect(problems.map((problem) => problem.split(":")[0]).sort()).toEqual(
      Object.keys(bad).sort(),
    );
  });

  it("takes further servers only with what goes with them", () => {
    const several = {
      CLICKHOUSE_URL: "http://ch-1:8123",
      CLICKHOUSE_SHARDS: "http://ch-2:8123, http://ch-3:8123",
      CLICKHOUSE_SHARDS_CLUSTER: "tenants",
    };
    expect(parseEnv(several).CLICKHOUSE_SHARDS).toEqual(["http://ch-2:8123", "http://ch-3:8123"]);
    expect(parseEnv({}).CLICKHOUSE_SHARDS).toEqual([]);
    for (const [change, words] of [
      [{ CLICKHOUSE_URL: "" }, /needs CLICKHOUSE_URL/],
      [{ CLICKHOUSE_SHARDS_CLUSTER: "" }, /needs CLICKHOUSE_SHARDS_CLUSTER/],
      [{ CLICKHOUSE_CLUSTER: "tenants" }, /leave CLICKHOUSE_CLUSTER empty/],
      [{ ORCHESTRATOR: "stepfunctions" }, /only ORCHESTRATOR=local/],
      [{ CLICKHOUSE_SHARDS: "ch-2:8123" }, /CLICKHOUSE_SHARDS/],
    ] as const)
      expect(() => parseEnv({ ...several, ...change })).toThrow(words);
  });

  it("does not repeat a secret that it refuses", () => {
    expect(() => parseEnv({ NEXTAUTH_SECRET: "hunter2" })).toThrow(
      /^(?!.*hunter2)[\s\S]*NEXTAUTH_SECRET/,
    );
  });

  it("reads .env.example, which names every setting", () => {
    const file = readFileSync(path.join(process.cwd(), ".env.example"), "utf8");
    const values = Object.fromEntries(
      [...file.matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = "", value = ""]) => [name, value]),
    );
    const inside = new Set(["AVESA_ROOT"]);
    const named = Object.keys(parseEnv(values)).filter((name) => !inside.has(name));
    expect(Object.keys(values)).toEqual(expect.arrayContaining(named));
  });
});
