import { describe, expect, it } from "vitest";
import { crumbsOf, parentOf, placeOf, scopeHref, tenantOf } from "@/components/shell/places";

describe("placeOf", () => {
  it.each([
    ["/", "fleet"],
    ["/tenants", "tenants"],
    ["/t/northwind/entities/tickets/1", "tenants"],
    ["/runs/01J", "runs"],
    ["/dlq/items/9", "dlq"],
    ["/login", null],
  ])("%s is %s", (path, place) => expect(placeOf(path)).toBe(place));
});

describe("scope", () => {
  it("is read from the address", () => {
    expect(tenantOf("/t/north%20wind/runs", null)).toBe("north wind");
    expect(tenantOf("/runs", "northwind")).toBe("northwind");
    expect(tenantOf("/runs", null)).toBeNull();
    expect(tenantOf("/runs", "")).toBeNull();
  });

  it("keeps a list's page and filters it", () => {
    expect(scopeHref("/runs", "a b")).toBe("/runs?tenant=a%20b");
    expect(scopeHref("/runs", null)).toBe("/runs");
    expect(scopeHref("/runs/01J", "x")).toBe("/t/x");
    expect(scopeHref("/t/y", null)).toBe("/");
  });
});

describe("crumbsOf", () => {
  it("names where one is", () => {
    expect(crumbsOf("/", null)).toEqual([]);
    expect(crumbsOf("/runs", null)).toEqual([{ label: "Runs" }]);
    expect(crumbsOf("/runs/01JD9K2M7QJ4AAAA7QJ4", null)).toEqual([
      { label: "Runs", href: "/runs" },
      { label: "01JD9K…7QJ4", mono: true },
    ]);
    expect(crumbsOf("/t/x", null)).toEqual([{ label: "Overview" }]);
    expect(crumbsOf("/t/x/entities/tickets/48213", null)).toEqual([
      { label: "tickets", href: "/t/x/entities/tickets" },
      { label: "48213", mono: true },
    ]);
    expect(crumbsOf("/dlq/items/77", "Time entry 9")).toEqual([
      { label: "Dead letters", href: "/dlq" },
      { label: "Time entry 9" },
    ]);
  });

  it("knows the page above", () => {
    expect(parentOf("/")).toBeNull();
    expect(parentOf("/runs")).toBe("/");
    expect(parentOf("/runs/1")).toBe("/runs");
    expect(parentOf("/t/x")).toBe("/tenants");
    expect(parentOf("/t/x/entities/tickets/1")).toBe("/t/x");
  });
});
