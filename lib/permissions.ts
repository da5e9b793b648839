/**
 * Who may do what. The same table answers the server, which decides, and the button, which only explains.
 */

/** Every permission there is. The names are what the audit calls an action that needs them. */
export const PERMISSIONS = [
  "fleet:read",
  "tenant:read",
  "tenant:manage",
  "tenant:pause",
  "run:read",
  "run:start-bulk",
  "run:start-increment",
  "run:cancel",
  "run:approve",
  "run:redrive",
  "entity:read",
  "dlq:read",
  "dlq:replay",
  "dlq:discard",
  "audit:read",
  "user:manage",
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** Roles from the weakest to the strongest; each may do what the one before it may, and more. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export type Role = (typeof ROLES)[number];

const ADDED_BY_ROLE: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ["fleet:read", "tenant:read", "run:read", "entity:read", "dlq:read"],
  operator: [
    "run:start-bulk",
    "run:start-increment",
    "run:cancel",
    "run:approve",
    "run:redrive",
    "dlq:replay",
    "dlq:discard",
    "tenant:pause",
    "audit:read",
  ],
  admin: ["tenant:manage", "user:manage"],
};

const PERMISSIONS_BY_ROLE: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  viewer: new Set(ADDED_BY_ROLE.viewer),
  operator: new Set([...ADDED_BY_ROLE.viewer, ...ADDED_BY_ROLE.operator]),
  admin: new Set([...ADDED_BY_ROLE.viewer, ...ADDED_BY_ROLE.operator, ...ADDED_BY_ROLE.admin]),
};

/** Whether `value` is one of the role names; a stored or a signed role is checked with it, never cast. */
export function isRole(value: unknown): value is Role {
  return ROLES.some((role) => role === value);
}

/** Whether somebody of this role may do it. A role or a permission that is not in the lists may do nothing. */
export function can(role: Role, permission: Permission): boolean {
  return Object.hasOwn(PERMISSIONS_BY_ROLE, role) && PERMISSIONS_BY_ROLE[role].has(permission);
}

/** The weakest role that has the permission. */
export function roleNeededFor(permission: Permission): Role {
  return ROLES.find((role) => PERMISSIONS_BY_ROLE[role].has(permission)) ?? "admin";
}

/** The words a switched-off button gives as its reason, or null when the role may do it. */
export function whyNot(role: Role, permission: Permission): string | null {
  return can(role, permission) ? null : `Needs the ${roleNeededFor(permission)} role`;
}
