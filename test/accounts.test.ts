import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { authenticate } from "@/server/auth/authenticate";
import { currentUser, forgetUsers } from "@/server/auth/current-user";
import { ensureFirstAdmin } from "@/server/auth/first-admin";
import {
  changeRole,
  createUser,
  findUser,
  listUsers,
  publicUser,
  setDisabled,
  setPassword,
} from "@/server/auth/users";
import { listAudit } from "@/server/audit/list-audit";
import { ClickHouseError } from "@/server/clickhouse/error";
import { testDb, type TestDb } from "@/test/support/clickhouse";
import { addUser, PASSWORD, useDb } from "./support/sign-in";

let test: TestDb;
beforeAll(async () => {
  test = await testDb();
  useDb(test.db);
});
afterAll(() => test.close());

describe("the first admin", () => {
  it("is made once, whoever was added before, with a password nobody chose, and can sign in", async () => {
    await addUser(test.db, "early-bird", "viewer");
    const made = await Promise.all([ensureFirstAdmin(test.db), ensureFirstAdmin(test.db)]);
    const [admin] = made.filter((answer) => answer !== null);
    expect(made.filter((answer) => answer !== null)).toHaveLength(1);
    if (!admin) throw new Error("No admin was made");
    expect(admin.username).toBe("admin");
    const user = await authenticate(test.db, { ...admin, address: "10.0.0.1" });
    expect(user?.role).toBe("admin");
    expect(await ensureFirstAdmin(test.db)).toBeNull();
  });
});

describe("users", () => {
  it("are one in any spelling of their name", async () => {
    await createUser(test.db, {
      username: " Ann.B ",
      displayName: "Ann",
      role: "viewer",
      password: PASSWORD,
    });
    expect((await findUser(test.db, "ANN.b"))?.username).toBe("ann.b");
    await expect(
      createUser(test.db, {
        username: "ann.B",
        displayName: "Ann",
        role: "viewer",
        password: PASSWORD,
      }),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  it("added twice at once are added once", async () => {
    const add = () =>
      createUser(test.db, {
        username: "twice",
        displayName: "Twice",
        role: "viewer",
        password: PASSWORD,
      });
    const results = await Promise.allSettled([add(), add(), add()]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it.each([
    "",
    "a b",
    "../x",
    "a'; DROP TABLE users; --",
    "é",
    "-a",
    "x".repeat(64),
    "a\nb",
    "a\u0000",
  ])("cannot be called %j", async (username) => {
    await expect(
      createUser(test.db, { username, displayName: "X", role: "viewer", password: PASSWORD }),
    ).rejects.toMatchObject({ code: "invalid-input" });
    expect(await findUser(test.db, username)).toBeUndefined();
  });

  it("need a role that exists and a password that is none too weak", async () => {
    const base = { username: "weak", displayName: "Weak" };
    for (const bad of [
      { ...base, role: "root" as "admin", password: PASSWORD },
      { ...base, role: "viewer" as const, password: "short" },
      { ...base, role: "viewer" as const, password: "my-name-is-weak" },
    ])
      await expect(createUser(test.db, bad)).rejects.toMatchObject({ code: "invalid-input" });
    expect(await findUser(test.db, "weak")).toBeUndefined();
  });

  it("never show the hash of their password", async () => {
    const stored = await findUser(test.db, "admin");
    if (stored === undefined) throw new Error("No admin");
    expect(JSON.stringify([publicUser(stored), await listUsers(test.db)])).not.toContain("scrypt");
    const changed = await changeRole(test.db, { username: "ann.b", role: "operator" });
    expect(JSON.stringify(changed)).not.toContain("scrypt");
  });

  it("always leave somebody who can manage them, also when asked all at once", async () => {
    await addUser(test.db, "second", "admin");
    const results = await Promise.allSettled([
      setDisabled(test.db, { username: "admin", disabled: true }),
      changeRole(test.db, { username: "second", role: "viewer" }),
    ]);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const admins = (await listUsers(test.db)).filter(
      ({ role, disabled }) => role === "admin" && !disabled,
    );
    expect(admins).toHaveLength(1);
    await setDisabled(test.db, { username: "admin", disabled: false });
  });
});

describe("signing in", () => {
  const from = (address: string, username: string, password: string, now?: number) =>
    authenticate(test.db, { username, password, address }, now);

  it("answers a wrong password, an unknown name and a disabled account alike", async () => {
    await addUser(test.db, "gone", "viewer");
    await setDisabled(test.db, { username: "gone", disabled: true });
    expect(await from("10.1.0.1", "ann.b", "not the password")).toBeNull();
    expect(await from("10.1.0.1", "nobody-here", PASSWORD)).toBeNull();
    expect(await from("10.1.0.1", "gone", PASSWORD)).toBeNull();
    expect((await from("10.1.0.1", "ann.b", PASSWORD))?.username).toBe("ann.b");
  });

  it("does not keep a password that was typed as a name", async () => {
    expect(await from("10.1.0.2", "hunter2-is-my-secret", "x")).toBeNull();
    const rows = await test.db.rows(
      {
        name: "test.find",
        sql: "SELECT username AS text FROM sign_in_attempts UNION ALL SELECT concat(target, after) FROM audit",
      },
      z.object({ text: z.string() }),
    );
    expect(JSON.stringify(rows)).not.toContain("hunter2");
  });

  it.each(["known", "unknown"])(
    "makes a guesser of a password of a %s name wait, and says how long",
    async (kind) => {
      const username = kind === "known" ? "victim" : "no-such-victim";
      if (kind === "known") await addUser(test.db, username, "operator");
      const start = Date.now();
      for (let guess = 0; guess < 5; guess += 1)
        expect(await from("10.2.0.1", username, `guess ${guess}`, start + guess)).toBeNull();
      await expect(from("10.2.0.1", username, PASSWORD, start + 1_000)).rejects.toMatchObject({
        code: "throttled",
        message: "Too many attempts. Try again in 30 seconds.",
        retryAfterSeconds: 30,
      });
      // The owner at another address is not locked out, and the guesser is looked at again after the wait.
      const expected = kind === "known" ? username : undefined;
      expect((await from("10.2.0.99", username, PASSWORD, start + 1_000))?.username).toBe(expected);
      expect((await from("10.2.0.1", username, PASSWORD, start + 31_000))?.username).toBe(expected);
    },
  );

  it("lets through no more guesses at once than one after another", async () => {
    await addUser(test.db, "rushed", "viewer");
    const guesses = Array.from({ length: 30 }, (_, index) =>
      from("10.3.0.1", "rushed", `guess ${index}`),
    );
    const answers = await Promise.allSettled(guesses);
    expect(answers.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(5);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused.map(({ reason }) => (reason as { code: string }).code)).toEqual(
      refused.map(() => "throttled"),
    );
  });

  it.each(["' OR 1=1 --", "admin\u0000", "a\\", "{x:String}", "%", "x".repeat(10_000)])(
    "takes %j for a name that nobody has",
    async (name) => {
      expect(await from("10.4.0.1", name, PASSWORD)).toBeNull();
    },
  );

  it("leaves a line in the audit for each attempt that was looked at", async () => {
    await addUser(test.db, "traced", "operator");
    await from("10.5.0.1", "traced", "wrong one here");
    await from("10.5.0.1", "traced", PASSWORD);
    const { rows } = await listAudit({ action: "sign-in", after: null, limit: 2 });
    expect(rows).toMatchObject([
      { actor: "traced", role: "operator", outcome: "done", target: "traced" },
      { actor: "", role: "", outcome: "denied", target: "traced" },
    ]);
    expect(JSON.stringify(rows)).not.toContain("wrong one here");
  });
});

describe("currentUser", () => {
  const open = () => Promise.resolve(test.db);
  const away = () =>
    Promise.reject(new ClickHouseError("users.find", 0, "CONNECTION_FAILED", true, ""));

  it("goes by what it knows for a minute on reads, and asks on writes", async () => {
    await addUser(test.db, "moved", "viewer");
    forgetUsers();
    const start = Date.now();
    expect((await currentUser(open, "moved", false, start))?.role).toBe("viewer");
    await changeRole(test.db, { username: "moved", role: "operator" });
    expect((await currentUser(open, "moved", false, start + 59_000))?.role).toBe("viewer");
    expect((await currentUser(open, "moved", false, start + 60_000))?.role).toBe("operator");
    await changeRole(test.db, { username: "moved", role: "viewer" });
    expect((await currentUser(open, "moved", true, start + 61_000))?.role).toBe("viewer");
  });

  it("keeps readers signed in while ClickHouse restarts, but lets nobody write", async () => {
    forgetUsers();
    const start = Date.now();
    await currentUser(open, "ann.b", false, start);
    expect((await currentUser(away, "ann.b", false, start + 120_000))?.username).toBe("ann.b");
    await expect(currentUser(away, "ann.b", true, start + 1_000)).rejects.toThrow(
      "cannot be reached",
    );
    await expect(currentUser(away, "ann.b", false, start + 11 * 60_000)).rejects.toThrow(
      "cannot be reached",
    );
  });

  it("knows another password at once when it was changed here", async () => {
    const before = await findUser(test.db, "ann.b");
    await setPassword(test.db, { username: "ann.b", password: "eight dry badgers" });
    const after = await findUser(test.db, "ann.b");
    expect(after?.passwordHash).not.toBe(before?.passwordHash);
    expect(
      await authenticate(test.db, { username: "ann.b", password: PASSWORD, address: "10.6.0.1" }),
    ).toBeNull();
  });
});
