import { describe, expect, it } from "vitest";
import { z } from "zod";
import { assertTenantScope } from "@/server/tenant-scope";
import { bareSql } from "./bare-sql";
import { fleetQuery } from "./fleet-query";
import { tenantQuery } from "./tenant-query";

const parts = { name: "test.read", params: z.object({}), row: z.unknown(), maxSeconds: 5 };

describe("bareSql", () => {
  it("takes out comments, literals and quoted names", () => {
    expect(
      bareSql(
        "SELECT 1 -- tenant\n, 'it''s \\' tenant', `tenant`, \"tenant\" /* tenant\n */ FROM t",
      ),
    ).not.toContain("tenant");
    expect(bareSql("SELECT '--', x FROM t WHERE tenant_id = {tenantId:String}")).toContain(
      "{tenantId:String}",
    );
  });
});

describe("tenantQuery", () => {
  it.each([
    ["nothing", "SELECT * FROM runs"],
    ["a comment", "SELECT * FROM runs -- tenant_id = {tenantId:String}"],
    ["a block comment", "SELECT * FROM runs /* tenant_id = {tenantId:String} */"],
    ["a literal", "SELECT ' tenant_id = {tenantId:String}' FROM runs"],
    ["an alias", "SELECT run_id AS `tenant_id = {tenantId:String}` FROM runs"],
    ["another type", "SELECT * FROM runs WHERE tenant_id = {tenantId:Identifier}"],
    ["an answer column", "SELECT {tenantId:String} FROM runs"],
    ["an inequality", "SELECT * FROM runs WHERE tenant_id != {tenantId:String}"],
    [
      "a reversed inequality",
      "SELECT * FROM runs WHERE tenant_id != '' AND {tenantId:String} != tenant_id",
    ],
  ])("refuses a statement whose filter is only in %s", (_where, sql) => {
    expect(() => tenantQuery({ ...parts, sql })).toThrow("no tenant filter");
  });

  it("refuses what is not one SELECT", () => {
    expect(() => tenantQuery({ ...parts, sql: "DROP TABLE runs" })).toThrow("SELECT");
    expect(() => fleetQuery({ ...parts, sql: "SELECT 1; DROP TABLE runs" })).toThrow(
      "one statement",
    );
  });

  it("does not let the input name the tenant", () => {
    expect(() =>
      tenantQuery({
        ...parts,
        params: z.object({ tenantId: z.string() }),
        sql: "SELECT * FROM runs WHERE tenant_id = {tenantId:String}",
      }),
    ).toThrow("comes from the scope");
  });

  it("refuses an object that only looks like a scope", async () => {
    const forged = { tenantId: "acme" } as never;
    expect(() => assertTenantScope(forged)).toThrow("checked");
    const read = tenantQuery({
      ...parts,
      sql: "SELECT * FROM runs WHERE tenant_id = {tenantId:String}",
    });
    await expect(read(forged, {})).rejects.toThrow("checked");
  });
});
