import { describe, expect, it } from "vitest";

import type { Db } from "./client";
import { ClickHouseError } from "./error";
import { gathered } from "./gathered";

const db = {} as Db;

/** A statement that ends when it is told to. */
function held(): {
  groups: (readonly string[])[];
  end: () => void;
  act: (db: Db, keys: readonly string[]) => Promise<string[]>;
} {
  const groups: (readonly string[])[] = [];
  const ends: (() => void)[] = [];
  return {
    groups,
    end: () => ends.shift()?.(),
    act: async (_db, keys) => {
      groups.push(keys);
      await new Promise<void>((resolve) => ends.push(resolve));
      return keys.map((key) => key.toUpperCase());
    },
  };
}

describe("gathered", () => {
  it("asks once for all who ask at once, and gives each its own", async () => {
    const statement = held();
    const ask = gathered(statement.act);
    const answers = Promise.all([ask(db, "a"), ask(db, "b"), ask(db, "a")]);
    await Promise.resolve();
    statement.end();
    expect(await answers).toEqual(["A", "B", "A"]);
    expect(statement.groups).toEqual([["a", "b", "a"]]);
  });

  it("never answers from a statement that began before it was asked for", async () => {
    const statement = held();
    const ask = gathered(statement.act);
    const first = ask(db, "a");
    await Promise.resolve();
    const late = [ask(db, "b"), ask(db, "c")];
    expect(statement.groups).toEqual([["a"]]);
    statement.end();
    expect(await first).toBe("A");
    await Promise.resolve();
    statement.end();
    expect(await Promise.all(late)).toEqual(["B", "C"]);
    expect(statement.groups).toEqual([["a"], ["b", "c"]]);
  });

  it("keeps handles apart", async () => {
    const groups: (readonly string[])[] = [];
    const ask = gathered<string, string>(async (_db, keys) => {
      groups.push(keys);
      return [...keys];
    });
    await Promise.all([ask(db, "a"), ask({} as Db, "b")]);
    expect(groups).toEqual([["a"], ["b"]]);
  });

  it("lets nobody fail for good for another's sake", async () => {
    const ask = gathered<string, string>(async (_db, keys) => {
      if (keys.includes("bad")) throw new ClickHouseError("test", 27, "BAD", false, "");
      return [...keys];
    });
    const [good, bad] = await Promise.allSettled([ask(db, "good"), ask(db, "bad")]);
    expect(good).toEqual({ status: "fulfilled", value: "good" });
    expect(bad.status).toBe("rejected");
  });

  it("does not ask for who has gone before the turn came", async () => {
    const statement = held();
    const ask = gathered(statement.act);
    const first = ask(db, "a");
    await Promise.resolve();
    const leaves = new AbortController();
    const gone = ask(db, "b", leaves.signal).catch((error: unknown) => error);
    const stays = ask(db, "c");
    leaves.abort();
    expect(await gone).toMatchObject({ type: "CANCELLED" });
    statement.end();
    await first;
    await Promise.resolve();
    statement.end();
    expect(await stays).toBe("C");
    expect(statement.groups).toEqual([["a"], ["c"]]);
  });

  it("rests while others wait, and not where one asks alone", async () => {
    const groups: (readonly string[])[] = [];
    const ask = gathered<string, string>(
      async (_db, keys) => {
        groups.push(keys);
        await new Promise((resolve) => setImmediate(resolve));
        return [...keys];
      },
      { rests: true },
    );
    const first = [ask(db, "a"), ask(db, "b")];
    await new Promise((resolve) => setImmediate(resolve));
    const late = ask(db, "c");
    await Promise.all(first);
    // While it rests.
    const later = ask(db, "d");
    await Promise.all([late, later]);
    expect(groups).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
  });

  it("tells all of a failure that passes, and goes on with those behind", async () => {
    let isAway = true;
    const ask = gathered<string, string>(async (_db, keys) => {
      if (isAway) throw new ClickHouseError("test", 0, "CONNECTION_FAILED", true, "");
      return [...keys];
    });
    const ends = await Promise.allSettled([ask(db, "a"), ask(db, "b")]);
    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    isAway = false;
    expect(await ask(db, "c")).toBe("c");
  });
});
