import "server-only";
import type { Db } from "@/server/clickhouse/client";
import { codeOf } from "@/server/errors";
import { findUser, type StoredUser } from "./users";

/** A read may go by what the store said up to a minute ago; a write asks it again. */
const FRESH_MS = 60_000;
/** While ClickHouse is away, nobody can read anything either; people stay signed in for this long meanwhile. */
const AWAY_MS = 10 * 60_000;
const MAX_KNOWN = 1_000;

interface Known {
  readonly user: StoredUser | undefined;
  readonly at: number;
}

const holder = globalThis as typeof globalThis & { __avesaUsers?: Map<string, Known> };

function known(): Map<string, Known> {
  holder.__avesaUsers ??= new Map();
  return holder.__avesaUsers;
}

/** Forgets what is known of accounts, after one was changed here. */
export function forgetUsers(): void {
  known().clear();
}

/**
 * The account behind a session as the store has it: at most a minute old, or asked for now when `fresh`.
 *
 * @param openDb how to reach the store, called only when it has to be asked
 * @param now milliseconds since 1970
 */
export async function currentUser(
  openDb: () => Promise<Db>,
  username: string,
  fresh: boolean,
  now: number = Date.now(),
): Promise<StoredUser | undefined> {
  const users = known();
  const last = users.get(username);
  if (!fresh && last !== undefined && now - last.at < FRESH_MS) return last.user;
  try {
    const user = await findUser(await openDb(), username);
    if (users.size >= MAX_KNOWN) users.clear();
    users.set(username, { user, at: now });
    return user;
  } catch (error) {
    const away = codeOf(error) === "store-unavailable" || codeOf(error) === "timeout";
    if (!fresh && away && last !== undefined && now - last.at < AWAY_MS) return last.user;
    throw error;
  }
}
