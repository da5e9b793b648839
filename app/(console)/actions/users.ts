"use server";

import type { ActionResult } from "@/lib/contracts/problem";
import type { Role } from "@/lib/permissions";
import type { User, UserChange } from "@/server/auth/users";
import { act } from "@/server/pipeline/act";
import {
  addUserOperation,
  changeRoleOperation,
  resetPasswordOperation,
  setDisabledOperation,
} from "@/server/pipeline/operations/users";

/** Adds an account. */
export async function addUserAction(input: {
  username: string;
  displayName: string;
  role: Role;
  password: string;
}): Promise<ActionResult<User>> {
  return act(addUserOperation, input);
}

/** Gives an account another role. */
export async function changeRoleAction(
  username: string,
  role: Role,
): Promise<ActionResult<UserChange>> {
  return act(changeRoleOperation, { username, role });
}

/** Shuts an account out (`disabled`) or lets it in again. */
export async function setDisabledAction(
  username: string,
  disabled: boolean,
): Promise<ActionResult<UserChange>> {
  return act(setDisabledOperation, { username, disabled });
}

/** Gives an account a new password, which ends its sessions. */
export async function resetPasswordAction(
  username: string,
  password: string,
): Promise<ActionResult<UserChange>> {
  return act(resetPasswordOperation, { username, password });
}
