import "server-only";
import { randomPassword } from "@/lib/random-password";
import type { Db } from "@/server/clickhouse/client";
import { env } from "@/server/env";
import { inTurn } from "@/server/in-turn";
import { createUser, listUsers } from "./users";

const FIRST_ADMIN = "admin";

/**
 * Makes the first administrator where no account exists yet.
 *
 * @returns the name and the password that was made up, to be shown once and kept nowhere; null when there was nothing to do
 *   or when the password is the one in AVESA_ADMIN_PASSWORD, which its owner knows
 * @throws AppError `invalid-input` when AVESA_ADMIN_PASSWORD is too weak
 */
export async function ensureFirstAdmin(
  db: Db,
): Promise<{ username: string; password: string } | null> {
  return inTurn("first-admin", async () => {
    if ((await listUsers(db)).length > 0) return null;
    const chosen = env().AVESA_ADMIN_PASSWORD;
    const password = chosen ?? randomPassword();
    await createUser(db, {
      username: FIRST_ADMIN,
      displayName: "Administrator",
      role: "admin",
      password,
      createdBy: "first start",
    });
    return chosen === undefined ? { username: FIRST_ADMIN, password } : null;
  });
}
