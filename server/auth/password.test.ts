import { describe, expect, it } from "vitest";
import { randomPassword } from "@/lib/random-password";
import { hashPassword, passwordFault, verifyNobody, verifyPassword } from "./password";

describe("passwords", () => {
  it("are salted, versioned and checked", async () => {
    const [one, two] = await Promise.all([
      hashPassword("correct horse"),
      hashPassword("correct horse"),
    ]);
    expect(one).toMatch(/^scrypt\$1\$15\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await verifyPassword("correct horse", one)).toBe(true);
    expect(await verifyPassword("correct hors", one)).toBe(false);
    expect(await verifyPassword("", one)).toBe(false);
  });

  it("are the same however the letters were composed", async () => {
    expect(
      await verifyPassword("cafe\u0301 cafe\u0301", await hashPassword("caf\u00e9 caf\u00e9")),
    ).toBe(true);
  });

  it("can be checked against a hash of another cost", async () => {
    const cheap = "scrypt$1$10$8$1$AAECAwQFBgcICQoLDA0ODw$";
    const { scryptSync } = await import("node:crypto");
    const salt = Buffer.from("AAECAwQFBgcICQoLDA0ODw", "base64url");
    const hash = scryptSync("older", salt, 32, { N: 1024, r: 8, p: 1 }).toString("base64url");
    expect(await verifyPassword("older", cheap + hash)).toBe(true);
  });

  it.each([
    "",
    "plain",
    "scrypt$2$15$8$3$AAAAAAAA$BBBB",
    "scrypt$1$99$8$3$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODw",
  ])("refuse a stored form they did not make: %j", async (stored) => {
    await expect(verifyPassword("anything", stored)).rejects.toThrow("unreadable");
  });

  it("take as long for a user who does not exist", async () => {
    const stored = await hashPassword("correct horse");
    await verifyNobody("warm up");
    const timed = async (check: () => Promise<boolean>): Promise<number> => {
      const durations: number[] = [];
      for (let round = 0; round < 5; round += 1) {
        const start = performance.now();
        await check();
        durations.push(performance.now() - start);
      }
      return durations.sort((a, b) => a - b)[2] ?? 0;
    };
    const known = await timed(() => verifyPassword("wrong", stored));
    const unknown = await timed(() => verifyNobody("wrong"));
    expect(unknown / known).toBeGreaterThan(0.25);
    expect(unknown / known).toBeLessThan(4);
  });

  it("say what is wrong with a weak one", () => {
    expect(passwordFault("short", "ann")).toContain("12");
    expect(passwordFault("aaaaaaaaaaaaaaaa", "ann")).toContain("different");
    expect(passwordFault("x".repeat(300), "ann")).toContain("200");
    expect(passwordFault("let-me-in-Annabel", "annabel")).toContain("user name");
    expect(passwordFault("seven wet otters", "ann")).toBeNull();
  });

  it("are made at random, easy to read", () => {
    const made = Array.from({ length: 200 }, randomPassword);
    for (const password of made) {
      expect(password).toMatch(/^([a-hj-kmnp-z2-9]{5}-){3}[a-hj-kmnp-z2-9]{5}$/);
      expect(passwordFault(password, "admin")).toBeNull();
    }
    expect(new Set(made).size).toBe(200);
  });
});
