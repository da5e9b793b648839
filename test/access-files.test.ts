import { describe, expect, it } from "vitest";
import { z } from "zod";

import { catalog } from "@/lib/catalog";
import { ACCOUNTS, accessSql, bucketUrl } from "@/scripts/support/access-sql.mjs";
import { objectUrl } from "@/server/canonical/s3/object-url";
import { splitStatements } from "@/server/clickhouse/split-statements";

import { readAccess } from "./support/access/users-file";
import { testDb } from "./support/clickhouse";

const database = "avesa_analytics";
const storeUrl = bucketUrl("acme-canonical", "us-east-2");
const TABLES = Object.keys(catalog);
const hashes = Object.fromEntries(ACCOUNTS.map((account) => [account, "0".repeat(64)]));
const sql = accessSql({ database, storeUrl, hashes });
const access = readAccess(sql);

describe("the files", () => {
  it("are statements the engine can read", async () => {
    const { db, close } = await testDb();
    const rows = await db.rows(
      {
        name: "test.format",
        params: { statements: splitStatements(sql) },
        sql: "SELECT formatQuery(arrayJoin({statements:Array(String)})) AS statement",
      },
      z.object({ statement: z.string() }),
    );
    await close();
    expect(rows).toHaveLength(splitStatements(sql).length);
  });

  it("let nothing into their text but what each value must be", () => {
    const values = { database, storeUrl, hashes };
    expect(() => accessSql({ ...values, database: "a; DROP DATABASE b" })).toThrow(/database name/);
    expect(() => accessSql({ ...values, storeUrl: "https://b`) TO x" })).toThrow(/address/);
    expect(() => accessSql({ ...values, hashes: { ...hashes, avesa_app_user: "x'" } })).toThrow(
      /avesa_app_user/,
    );
  });

  it.each(["acme-canonical", "acme.canonical"])("know the address of bucket %s", (bucket) => {
    const address = { bucket, prefix: "" };
    for (const region of ["us-east-2", "cn-north-1"]) {
      const url = objectUrl({ address, region, pathStyle: false }, ["x"]);
      expect(url).toBe(`${bucketUrl(bucket, region)}/x`);
    }
    expect(() => bucketUrl("no bucket", "us-east-2")).toThrow(/bucket name/);
    expect(() => bucketUrl(bucket, "us-east-2/")).toThrow(/region/);
  });

  it("name every table of the catalogue", () => {
    const etl = access.grants.get("avesa_etl") ?? [];
    const app = access.grants.get("avesa_app") ?? [];
    for (const table of TABLES) {
      for (const kind of ["log", "scd"]) {
        expect(etl).toContain(`GRANT ALTER DELETE ON ${database}.${table}_${kind}`);
      }
      for (const kind of ["scd", "current", "current_of_tenant", "history_of_tenant"]) {
        expect(app).toContain(`GRANT SELECT ON ${database}.${table}_${kind}`);
      }
      const roles = access.filters.filter((one) => one.table === `${table}_scd`);
      expect(roles.map(({ role }) => role)).toEqual(["avesa_app", "avesa_etl", "avesa_reader"]);
    }
    expect(app).toHaveLength(TABLES.length * 4);
  });
});
