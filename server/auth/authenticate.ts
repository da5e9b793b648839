import "server-only";
import { createHash } from "node:crypto";
import { z } from "zod";
import { writeAudit } from "@/server/audit/write-audit";
import type { Db } from "@/server/clickhouse/client";
import { zFlag, zInstant } from "@/server/clickhouse/columns";
import { AppError, newReferenceId } from "@/server/errors";
import { inTurn, QueueFullError } from "@/server/in-turn";
import { log } from "@/server/log";
import { verifyNobody, verifyPassword } from "./password";
import { type Attempt, waitBeforeSignIn, waitInWords, WINDOW_MS } from "./throttle";
import { findUser, type StoredUser } from "./users";

/** Checks of passwords in hand at a time: each takes 32 MB and a fifth of a second of a core. */
const MAX_CHECKS = 20;
/** Attempts on one name that wait for one another; who sends more at once is guessing. */
const MAX_WAITING_PER_NAME = 5;
const BUSY_SECONDS = 10;

const AttemptRow = z
  .object({ username: z.string(), address: z.string(), succeeded: zFlag, at: zInstant })
  .transform((row): Attempt => ({ ...row, at: Date.parse(row.at) }));

/** What an attempt at a name is counted under. A name nobody has is not kept in clear: it may be a password typed too early. */
function countedName(username: string, user: StoredUser | undefined): string {
  if (user !== undefined) return user.username;
  return `unknown:${createHash("sha256").update(username.trim().toLowerCase()).digest("hex").slice(0, 32)}`;
}

function throttled(seconds: number): AppError {
  return new AppError("throttled", `Too many attempts. Try again in ${waitInWords(seconds)}.`, {
    retryAfterSeconds: seconds,
  });
}

async function check(
  db: Db,
  input: { username: string; password: string; address: string },
  now: number,
): Promise<StoredUser | null> {
  const user = await findUser(db, input.username);
  const username = countedName(input.username, user);
  const attempts = await db.rows(
    {
      name: "sign-in.attempts",
      sql: `SELECT username, address, succeeded, at
        FROM sign_in_attempts
        WHERE at > {since:DateTime64(3, 'UTC')} AND (username = {username:String} OR address = {address:String})
        ORDER BY at DESC
        LIMIT 500`,
      params: { since: new Date(now - WINDOW_MS), username, address: input.address },
    },
    AttemptRow,
  );
  const wait = waitBeforeSignIn(attempts, username, input.address, now);
  if (wait > 0) throw throttled(Math.ceil(wait / 1_000));

  const right =
    user === undefined
      ? await verifyNobody(input.password)
      : await verifyPassword(input.password, user.passwordHash);
  const succeeded = user !== undefined && right && !user.disabled;
  await db.insert("sign_in_attempts", [
    {
      username,
      address: input.address,
      succeeded: succeeded ? 1 : 0,
      at: new Date(now).toISOString(),
    },
  ]);
  await writeAudit(db, {
    actor: succeeded ? user.username : "",
    role: succeeded ? user.role : "",
    action: "sign-in",
    target: user?.username ?? "",
    outcome: succeeded ? "done" : "denied",
    after: { address: input.address },
    requestId: newReferenceId(),
  });
  return succeeded ? user : null;
}

/**
 * Looks at one attempt to sign in. An unknown name, a wrong password and a disabled account get the same answer after the
 * same work; every attempt that is looked at is counted and audited.
 *
 * @param input `address` is where the attempt comes from, as the nearest trustworthy hop tells it
 * @param now milliseconds since 1970
 * @returns the account, or null when name and password do not belong together
 * @throws AppError `throttled` with the time to wait; such an attempt is not looked at and does not prolong the wait
 */
export async function authenticate(
  db: Db,
  input: { username: string; password: string; address: string },
  now: number = Date.now(),
): Promise<StoredUser | null> {
  const name = input.username.trim().toLowerCase().slice(0, 200);
  const address = input.address.slice(0, 100);
  try {
    return await inTurn(
      `sign-in:${name}`,
      () => limited(() => check(db, { username: name, password: input.password, address }, now)),
      MAX_WAITING_PER_NAME,
    );
  } catch (error) {
    if (error instanceof QueueFullError) throw throttled(BUSY_SECONDS);
    if (error instanceof AppError && error.code === "throttled")
      log().warn({ address, seconds: error.retryAfterSeconds }, "sign-in throttled");
    throw error;
  }
}

const holder = globalThis as typeof globalThis & { __avesaChecks?: { running: number } };

async function limited<T>(work: () => Promise<T>): Promise<T> {
  holder.__avesaChecks ??= { running: 0 };
  const checks = holder.__avesaChecks;
  if (checks.running >= MAX_CHECKS) throw throttled(BUSY_SECONDS);
  checks.running += 1;
  try {
    return await work();
  } finally {
    checks.running -= 1;
  }
}
