import { expect, it } from "vitest";
import { addressOf } from "./address-of";

const read = {
  path: "/api/v1/tenants/[tenant]/entities/[table]",
  params: { tenant: "tenantId", table: "table" },
} as const;

it("fills the path, orders the query, and leaves out what is not asked for", () => {
  const input = {
    tenantId: "a",
    table: "x/y",
    query: "1 & 2",
    after: null,
    status: ["b", "a"],
    health: [],
  };
  expect(addressOf(read, input)).toBe(
    "/api/v1/tenants/a/entities/x%2Fy?query=1+%26+2&status=b&status=a",
  );
});

it("refuses to make an address with a part missing", () => {
  expect(() => addressOf(read, { tenantId: "a" })).toThrow("no value for [table]");
});
