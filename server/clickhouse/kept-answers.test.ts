import { expect, it } from "vitest";
import type { Db } from "./client";
import { keptAnswer } from "./kept-answers";

/** A handle is only what answers are kept under. */
const handle = (): Db => ({}) as Db;

/** Answers with how often it was asked. */
function counter(): () => Promise<number> {
  let asked = 0;
  return () => Promise.resolve(++asked);
}

const statement = (params: Record<string, unknown>) => ({
  sql: "SELECT {tenantId:String}",
  params,
});

it("gives the same answer until its time is over, then asks again", async () => {
  const db = handle();
  const ask = counter();
  const at = (now: number) => keptAnswer(db, statement({ tenantId: "acme" }), 5, ask, now);
  expect([await at(0), await at(4_999), await at(5_000), await at(9_000)]).toEqual([1, 1, 2, 2]);
});

it("asks once for readers who come at the same time", async () => {
  const db = handle();
  const ask = counter();
  const asked = [1, 2, 3].map(() => keptAnswer(db, statement({ tenantId: "acme" }), 5, ask, 0));
  expect(await Promise.all(asked)).toEqual([1, 1, 1]);
});

it("keeps tenants, values, statements and handles apart", async () => {
  const db = handle();
  const ask = counter();
  const answers = [
    await keptAnswer(db, statement({ tenantId: "acme" }), 5, ask, 0),
    await keptAnswer(db, statement({ tenantId: "other" }), 5, ask, 0),
    await keptAnswer(db, statement({ tenantId: "acme", mode: "bulk" }), 5, ask, 0),
    await keptAnswer(db, { sql: "SELECT 1", params: { tenantId: "acme" } }, 5, ask, 0),
    await keptAnswer(handle(), statement({ tenantId: "acme" }), 5, ask, 0),
  ];
  expect(answers).toEqual([1, 2, 3, 4, 5]);
  expect(await keptAnswer(db, statement({ mode: "bulk", tenantId: "acme" }), 5, ask, 0)).toBe(3);
});

it("does not keep a failure", async () => {
  const db = handle();
  const failing = () => Promise.reject(new Error("gone"));
  await expect(keptAnswer(db, statement({}), 5, failing, 0)).rejects.toThrow("gone");
  expect(await keptAnswer(db, statement({}), 5, counter(), 1)).toBe(1);
});
