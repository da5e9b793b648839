import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  AddUserInput,
  ChangeRoleInput,
  DisableUserInput,
  ResetPasswordInput,
  RoleName,
} from "@/lib/contracts/users";
import type { Role } from "@/lib/permissions";
import type { Db } from "@/server/clickhouse/client";
import { zCount, zFlag, zInstant } from "@/server/clickhouse/columns";
import { AppError } from "@/server/errors";
import { inTurn } from "@/server/in-turn";
import { parseInput } from "@/server/parse-input";
import { hashPassword, passwordFault } from "./password";

/** An account without what proves it. Times are ISO 8601 in UTC. */
export interface User {
  readonly username: string;
  readonly displayName: string;
  readonly role: Role;
  readonly disabled: boolean;
  readonly createdAt: string;
  readonly createdBy: string;
}

/** An account as stored. It stays within `server/auth`. */
export interface StoredUser extends User {
  readonly passwordHash: string;
  readonly version: number;
}

/** A change of an account, for the audit. */
export interface UserChange {
  readonly before: User;
  readonly after: User;
}

const UserRow = z
  .object({
    username: z.string(),
    display_name: z.string(),
    role: RoleName,
    password_hash: z.string(),
    disabled: zFlag,
    created_at: zInstant,
    created_by: z.string(),
    version: zCount,
  })
  .transform((row): StoredUser => ({
    username: row.username,
    displayName: row.display_name,
    role: row.role,
    passwordHash: row.password_hash,
    disabled: row.disabled,
    createdAt: row.created_at,
    createdBy: row.created_by,
    version: row.version,
  }));

/** All changes of accounts wait for one another, so that "the last admin" is still true when it is acted on. */
const TURN = "users";

/** The account without the hash of its password. */
export function publicUser(user: StoredUser): User {
  const { username, displayName, role, disabled, createdAt, createdBy } = user;
  return { username, displayName, role, disabled, createdAt, createdBy };
}

/** A short mark of the password in force. A session carries it, so that a new password ends the sessions of the old one. */
export function credentialStamp(user: StoredUser): string {
  return createHash("sha256").update(user.passwordHash).digest("base64url").slice(0, 16);
}

/** The account of a name, in any spelling of its letters, or undefined. Disabled accounts are found too. */
export async function findUser(db: Db, username: string): Promise<StoredUser | undefined> {
  return db.maybeRow(
    {
      name: "users.find",
      sql: "SELECT * FROM users FINAL WHERE username = {username:String}",
      params: { username: username.trim().toLowerCase() },
    },
    UserRow,
  );
}

async function storedUsers(db: Db): Promise<StoredUser[]> {
  return db.rows(
    { name: "users.list", sql: "SELECT * FROM users FINAL ORDER BY username" },
    UserRow,
  );
}

/** Every account, by name. A deployment has some dozens. */
export async function listUsers(db: Db): Promise<User[]> {
  return (await storedUsers(db)).map(publicUser);
}

async function store(db: Db, user: StoredUser): Promise<void> {
  await db.insert("users", [
    {
      username: user.username,
      display_name: user.displayName,
      role: user.role,
      password_hash: user.passwordHash,
      disabled: user.disabled ? 1 : 0,
      created_at: user.createdAt,
      created_by: user.createdBy,
      version: user.version,
    },
  ]);
}

function checkPassword(password: string, username: string): void {
  const fault = passwordFault(password, username);
  if (fault !== null)
    throw new AppError("invalid-input", fault, { faults: [{ path: "password", message: fault }] });
}

/**
 * Adds an account.
 *
 * @param input `createdBy` is the person or program that asks, for the record
 * @throws AppError `invalid-input`, or `conflict` when the name is taken, also by a disabled account
 */
export async function createUser(
  db: Db,
  input: z.input<typeof AddUserInput> & { createdBy?: string },
): Promise<User> {
  const { createdBy = "cli", ...rest } = input;
  const wanted = parseInput(AddUserInput, rest);
  checkPassword(wanted.password, wanted.username);
  return inTurn(TURN, async () => {
    if ((await findUser(db, wanted.username)) !== undefined)
      throw new AppError("conflict", `There is a user ${wanted.username} already.`);
    const user: StoredUser = {
      username: wanted.username,
      displayName: wanted.displayName,
      role: wanted.role,
      passwordHash: await hashPassword(wanted.password),
      disabled: false,
      createdAt: new Date().toISOString(),
      createdBy,
      version: 1,
    };
    await store(db, user);
    return publicUser(user);
  });
}

/** Changes one account; `change` sees all accounts as they are now. */
async function changeUser(
  db: Db,
  username: string,
  change: (user: StoredUser, all: readonly StoredUser[]) => Partial<StoredUser>,
): Promise<UserChange> {
  return inTurn(TURN, async () => {
    const all = await storedUsers(db);
    const user = all.find((candidate) => candidate.username === username);
    if (user === undefined) throw new AppError("not-found", `There is no user ${username}.`);
    const changed: StoredUser = { ...user, ...change(user, all), version: user.version + 1 };
    await store(db, changed);
    return { before: publicUser(user), after: publicUser(changed) };
  });
}

function refuseWithoutAdmin(user: StoredUser, all: readonly StoredUser[]): void {
  const others = all.some(
    (other) => other.username !== user.username && other.role === "admin" && !other.disabled,
  );
  if (!others && user.role === "admin")
    throw new AppError(
      "conflict",
      `${user.username} is the last admin; make somebody else an admin first.`,
    );
}

/**
 * Gives an account another role.
 *
 * @throws AppError `invalid-input`, `not-found`, or `conflict` when nobody would be left to manage users
 */
export async function changeRole(
  db: Db,
  input: z.input<typeof ChangeRoleInput>,
): Promise<UserChange> {
  const wanted = parseInput(ChangeRoleInput, input);
  return changeUser(db, wanted.username, (user, all) => {
    if (wanted.role !== "admin" && !user.disabled) refuseWithoutAdmin(user, all);
    return { role: wanted.role };
  });
}

/**
 * Shuts an account out, or lets it in again. A disabled account cannot sign in, and its sessions end.
 *
 * @throws AppError `invalid-input`, `not-found`, or `conflict` when nobody would be left to manage users
 */
export async function setDisabled(
  db: Db,
  input: z.input<typeof DisableUserInput>,
): Promise<UserChange> {
  const wanted = parseInput(DisableUserInput, input);
  return changeUser(db, wanted.username, (user, all) => {
    if (wanted.disabled) refuseWithoutAdmin(user, all);
    return { disabled: wanted.disabled };
  });
}

/**
 * Gives an account a new password; sessions made with the old one end.
 *
 * @throws AppError `invalid-input` or `not-found`
 */
export async function setPassword(
  db: Db,
  input: z.input<typeof ResetPasswordInput>,
): Promise<UserChange> {
  const wanted = parseInput(ResetPasswordInput, input);
  checkPassword(wanted.password, wanted.username);
  const passwordHash = await hashPassword(wanted.password);
  return changeUser(db, wanted.username, () => ({ passwordHash }));
}
