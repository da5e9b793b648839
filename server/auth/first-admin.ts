import "server-only";
import { randomPassword } from "@/lib/random-password";
import type { Db } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { inTurn } from "@/server/in-turn";
import { createUser, listUsers } from "./users";

const FIRST_ADMIN = "admin";

/**
 * Makes the first administrator where there is none yet, whoever else was added before.
 *
 * @returns the name and the password that was made up, to be shown once and kept nowhere; null when there was nothing to do
 *   or when the password is the one in AVESA_ADMIN_PASSWORD, which its owner knows
 * @throws AppError `invalid-input` when AVESA_ADMIN_PASSWORD is too weak
 */
export async function ensureFirstAdmin(
  db: Db,
): Promise<{ username: string; password: string } | null> {
  return inTurn("first-admin", async () => {
    const users = await listUsers(db);
    if (users.some(({ role }) => role === "admin")) return null;
    const taken = new Set(users.map((user) => user.username));
    let username = FIRST_ADMIN;
    for (let number = 2; taken.has(username); number += 1) username = `${FIRST_ADMIN}${number}`;
    const chosen = env().AVESA_ADMIN_PASSWORD;
    const password = chosen ?? randomPassword();
    await createUser(db, {
      username,
      displayName: "Administrator",
      role: "admin",
      password,
      createdBy: "first start",
    });
    return chosen === undefined ? { username, password } : null;
  });
}
