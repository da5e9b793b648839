import { describe, expect, it } from "vitest";
import {
  can,
  isRole,
  PERMISSIONS,
  roleNeededFor,
  ROLES,
  whyNot,
  type Permission,
  type Role,
} from "./permissions";

const EXPECTED: Readonly<Record<Permission, readonly Role[]>> = {
  "fleet:read": ["viewer", "operator", "admin"],
  "tenant:read": ["viewer", "operator", "admin"],
  "tenant:manage": ["admin"],
  "tenant:pause": ["operator", "admin"],
  "run:read": ["viewer", "operator", "admin"],
  "run:start-bulk": ["operator", "admin"],
  "run:start-increment": ["operator", "admin"],
  "run:cancel": ["operator", "admin"],
  "run:approve": ["operator", "admin"],
  "run:redrive": ["operator", "admin"],
  "entity:read": ["viewer", "operator", "admin"],
  "dlq:read": ["viewer", "operator", "admin"],
  "dlq:replay": ["operator", "admin"],
  "dlq:discard": ["operator", "admin"],
  "audit:read": ["operator", "admin"],
  "user:manage": ["admin"],
};

describe("permissions", () => {
  it.each(PERMISSIONS)("%s belongs to exactly the roles that should have it", (permission) => {
    expect(ROLES.filter((role) => can(role, permission))).toEqual(EXPECTED[permission]);
  });

  it("gives a role that is not in the list nothing, whatever a token says", () => {
    for (const stray of ["", "root", "Admin", "__proto__", "constructor", "toString"]) {
      expect(isRole(stray)).toBe(false);
      for (const permission of PERMISSIONS) expect(can(stray as Role, permission)).toBe(false);
    }
    expect(isRole(null)).toBe(false);
    expect(isRole(["admin"])).toBe(false);
  });

  it("names the weakest role that may do it, and only to those who may not", () => {
    expect(roleNeededFor("run:cancel")).toBe("operator");
    expect(whyNot("viewer", "run:cancel")).toBe("Needs the operator role");
    expect(whyNot("operator", "user:manage")).toBe("Needs the admin role");
    expect(whyNot("admin", "user:manage")).toBeNull();
  });
});
