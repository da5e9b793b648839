import "server-only";
import {
  AddUserInput,
  ChangeRoleInput,
  DisableUserInput,
  ResetPasswordInput,
} from "@/lib/contracts/users";
import { forgetUsers } from "@/server/auth/current-user";
import { changeRole, createUser, setDisabled, setPassword } from "@/server/auth/users";
import { AppError } from "@/server/errors";
import { fleetOperation, type Raw } from "../operation";

const target = (raw: Raw): unknown => raw["username"];

/** Adds an account. */
export const addUserOperation = fleetOperation({
  action: "user:add",
  permission: "user:manage",
  input: AddUserInput,
  target,
  perform: async ({ db, actor }, input) => {
    const user = await createUser(db, { ...input, createdBy: actor.username });
    forgetUsers();
    return user;
  },
  record: (_input, { username, displayName, role }) => ({
    target: username,
    after: { name: displayName, role },
  }),
});

/** Gives an account another role. */
export const changeRoleOperation = fleetOperation({
  action: "user:role",
  permission: "user:manage",
  input: ChangeRoleInput,
  target,
  perform: async ({ db }, input) => {
    const change = await changeRole(db, input);
    forgetUsers();
    return change;
  },
  record: (_input, { before, after }) => ({
    target: after.username,
    before: before.role,
    after: after.role,
  }),
});

/** Shuts an account out or lets it in again; nobody shuts out themselves. */
export const setDisabledOperation = fleetOperation({
  action: (raw) => (raw["disabled"] === false ? "user:enable" : "user:disable"),
  permission: "user:manage",
  input: DisableUserInput,
  target,
  perform: async ({ db, actor }, input) => {
    if (input.disabled && input.username === actor.username)
      throw new AppError("conflict", "You cannot disable your own account.");
    const change = await setDisabled(db, input);
    forgetUsers();
    return change;
  },
  record: (_input, { before, after }) => ({
    target: after.username,
    before: { disabled: before.disabled },
    after: { disabled: after.disabled },
  }),
});

/** Gives an account a new password, which ends its sessions. */
export const resetPasswordOperation = fleetOperation({
  action: "user:password",
  permission: "user:manage",
  input: ResetPasswordInput,
  target,
  perform: async ({ db }, input) => {
    const change = await setPassword(db, input);
    forgetUsers();
    return change;
  },
  record: (_input, { after }) => ({ target: after.username }),
});
