import { gzipSync } from "node:zlib";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CanonicalStore } from "@/server/canonical/canonical-store";
import { discardDeadLetters } from "@/server/dlq/discard";
import { readRetention, setRetention, sweepDeadLetters } from "@/server/dlq/retention";
import { freezeSelection } from "@/server/dlq/selection";
import { executeRun } from "@/server/runs/execute-run";

import { LoadBench, ndjson } from "../support/load";
import { ago, putDeadLetters } from "../support/operations";
import { DlqTenant, TABLE, ticket } from "./dlq-bench";

/** Objects that this store cannot give whole just now. */
const damaged = new Set<string>();

function withDamage({ store }: { readonly store: CanonicalStore }): CanonicalStore {
  return new Proxy(store, {
    get(target, key) {
      if (key === "isWhole")
        return async (object: Parameters<CanonicalStore["isWhole"]>[0]) =>
          !damaged.has(object.key) && target.isWhole(object);
      const own: unknown = Reflect.get(target, key);
      return typeof own === "function" ? (own.bind(target) as unknown) : own;
    },
  });
}

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open({ wrap: withDamage });
});
afterAll(async () => bench.close());

const BAD = { budget_hours: "a lot" };
const MEND = { budget_hours: null };

describe("a selection", () => {
  it("is frozen: what arrives later is not swept in", async () => {
    const tenant = await DlqTenant.of(bench);
    await tenant.land("a-20240601T000000Z-1.ndjson", [
      ticket("T1", "2024-05-01", "new", BAD),
      ticket("T2", "2024-05-01", "new", { budget_hours: "too much" }),
      ticket("T3", "2024-05-01", null),
    ]);
    await tenant.load();
    const [first, second, other] = await tenant.letters("open");
    // Fingerprint: table, rule, field and the shape of the value.
    expect(first?.fingerprint).toBe(second?.fingerprint);
    expect(first?.fingerprint).not.toBe(other?.fingerprint);

    const selection = await freezeSelection(
      bench.db,
      tenant.scope,
      { filter: { status: "open", fingerprint: first?.fingerprint } },
      "test",
    );
    expect(selection).toMatchObject({ count: 2, records: 2, tables: [TABLE] });
    await tenant.land("b-20240602T000000Z-1.ndjson", [ticket("T4", "2024-05-01", "new", BAD)]);
    await tenant.load();
    expect(await tenant.replay(selection.selectionId, MEND)).toMatchObject({ read: 2, new: 2 });
    expect((await tenant.letters("open")).map((letter) => letter.entity)).toEqual(["T3", "T4"]);
    await expect(
      freezeSelection(bench.db, tenant.scope, { filter: { fingerprint: "none" } }, "test"),
    ).rejects.toMatchObject({ code: "conflict" });
  });
});

describe("a record that fails again", () => {
  it("stays open with its reason and the record as it was tried", async () => {
    const tenant = await DlqTenant.of(bench);
    await tenant.land("a-20240601T000000Z-1.ndjson", [
      ticket("T1", "2024-05-01", "new", BAD),
      ticket("T2", "2024-05-01", null, BAD),
    ]);
    await tenant.load();
    const ids = (await tenant.letters("open")).map((letter) => letter.id);
    await expect(tenant.queue([ids[1] ?? ""], MEND)).rejects.toMatchObject({
      code: "invalid-input",
      faults: [{ path: "edit.status", message: "is missing" }],
    });
    await expect(tenant.queue(ids, { nonsense: "1" })).rejects.toMatchObject({
      faults: [{ path: "edit.nonsense" }],
    });
    const run = await tenant.replay(ids, MEND);
    expect(run).toMatchObject({ status: "succeeded", read: 2, new: 1, rejected: 1 });
    expect(await tenant.letters()).toMatchObject([
      { status: "replayed", replays: 1 },
      {
        status: "open",
        replays: 1,
        attempts: 2,
        resolution: expect.stringMatching(/status is missing$/),
      },
    ]);
    const [, failed] = await tenant.letters();
    expect(JSON.parse(failed?.draft ?? "")).toMatchObject({ budget_hours: null });
    expect(await tenant.load("bulk")).toMatchObject({ read: 2, rejected: 1 });
    expect(await tenant.history()).toHaveLength(1);
    await expect(tenant.queue([ids[0] ?? ""], { status: "other" })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});

describe("mends", () => {
  it("work for every format, for lines that are no records, and for records without an id or a time", async () => {
    const tenant = await DlqTenant.of(bench);
    await tenant.land(
      "a-20240601T000000Z-1.csv",
      "ticket_id,status,budget_hours,_deleted,last_updated\nT1,new,many,,\nT2,new,,true,never\n",
    );
    await tenant.land("b-20240602T000000Z-1.ndjson", '{"ticket_id":\n{"status":"x"}\n');
    await bench.landSelect(
      tenant.tenantId,
      TABLE,
      "c-20240603T000000Z-1.parquet",
      "Parquet",
      "SELECT 'T2' AS ticket_id, 'open' AS status, 'nan' AS budget_hours, '2024-05-01' AS last_updated",
    );
    expect(await tenant.load()).toMatchObject({ read: 5, rejected: 5 });
    const open = await tenant.letters("open");
    const byRow = (object: string, row: number): string =>
      open.find((letter) => letter.object.includes(object) && letter.row === row)?.id ?? "";
    await tenant.replay([byRow("/a-", 1), byRow("/c-", 1)], MEND);
    await tenant.replay([byRow("/a-", 2)], { last_updated: "2024-05-02" });
    await tenant.replay([byRow("/b-", 1)], { ticket_id: "T3", status: "found" });
    await tenant.replay([byRow("/b-", 2)], { ticket_id: "T3" });
    const history = await tenant.history();
    expect(
      history.map((row) => [
        row["ticket_id"],
        row["status"],
        row["effective_start_date"],
        row["effective_end_date"],
      ]),
    ).toEqual([
      // Without a time of its own, the object's stamp.
      ["T1", "new", "2024-06-01T00:00:00.000Z", null],
      // The marker of the CSV closes it.
      ["T2", "open", "2024-05-01T00:00:00.000Z", "2024-05-02T00:00:00.000Z"],
      // Two rows of one object and instant: the later row wins.
      ["T3", "x", "2024-06-02T00:00:00.000Z", null],
    ]);
    expect(await tenant.load("bulk")).toMatchObject({ read: 5, rejected: 0 });
    expect(await tenant.history()).toEqual(history);
    expect(await tenant.complaints()).toEqual([]);
  });

  it("wait for an object whose load was stopped, and let it pass", async () => {
    const tenant = await DlqTenant.of(bench);
    const records = Array.from({ length: 100 }, (_, index) =>
      ticket(`T${index}`, "2024-05-01", "new", index < 20 ? BAD : {}),
    );
    await tenant.land("a-20240601T000000Z-1.ndjson", records);
    expect(await tenant.load()).toMatchObject({ status: "failed" });
    const letters = (await tenant.letters("open")).filter((letter) => letter.kind === "record");
    const ids = letters.slice(0, 12).map((letter) => letter.id);
    expect(await tenant.dryRun(ids, MEND)).toMatchObject({ waiting: 12 });
    expect(await tenant.replay(ids, MEND)).toMatchObject({ status: "succeeded", read: 0 });
    expect(await tenant.history()).toEqual([]);
    expect(await tenant.load()).toMatchObject({
      status: "succeeded",
      read: 100,
      rejected: 8,
      new: 92,
    });
    expect(await tenant.letters("replayed")).toHaveLength(12);
    const [died] = (await tenant.letters("open")).filter((letter) => letter.kind === "run");
    const again = await tenant.queue([died?.id ?? ""]);
    expect(again).toMatchObject({ runId: null, rerunIds: [expect.any(String)] });
    await executeRun(bench.context, again.rerunIds[0] ?? "");
    expect(await tenant.letters("replayed")).toHaveLength(13);
  });

  it("do not apply to another record that lies in the place of the one that was mended", async () => {
    const tenant = await DlqTenant.of(bench);
    const name = "a-20240601T000000Z-1.ndjson";
    await tenant.land(name, [ticket("T1", "2024-05-01", "new", BAD)]);
    await tenant.load();
    const [letter] = await tenant.letters();
    await tenant.replay([letter?.id ?? ""], MEND);
    await tenant.land(name, [ticket("T1", "2024-05-01", "changed", BAD)]);
    expect(await tenant.load("bulk")).toMatchObject({ read: 1, rejected: 1 });
    expect(await tenant.history()).toEqual([]);
    expect(await tenant.letters("open")).toMatchObject([{ id: letter?.id, resolution: "" }]);
  });
});

it("an object is tried again as it is, and a dry run says what would come of it", async () => {
  const tenant = await DlqTenant.of(bench);
  const key = await tenant.land("a-20240601T000000Z-1.ndjson", [
    ticket("T1", "2024-05-01", "new"),
    ticket("T2", "2024-05-01", null),
  ]);
  const cut = await tenant.land(
    "b-20240601T000000Z-1.ndjson.gz",
    gzipSync(ndjson([ticket("T3", "2024-05-01", "new")])).subarray(0, 30),
  );
  damaged.add(key);
  expect(await tenant.load()).toMatchObject({ status: "partial", read: 0 });
  damaged.delete(key);
  // Nothing about it has changed, so an increment leaves it alone.
  expect(await tenant.load()).toMatchObject({ read: 0 });
  const letters = await tenant.letters("open");
  const ids = letters.map((letter) => letter.id);
  const dry = await tenant.dryRun(ids);
  expect(dry.verdicts).toMatchObject([
    { kind: "changes", words: "Would take in 1 record, reject 1" },
    { kind: "fails" },
  ]);
  expect(await tenant.replay(ids)).toMatchObject({
    status: "partial",
    read: 2,
    new: 1,
    rejected: 1,
  });
  const after = await tenant.letters();
  expect(after.filter((one) => one.kind === "object")).toMatchObject([
    { object: key, status: "replayed", resolved_by: "test" },
    { object: cut, status: "open", attempts: 2 },
  ]);
  expect(await tenant.history()).toHaveLength(1);
});

it("a discarded record stays out, and its reason is kept; it can be replayed all the same", async () => {
  const tenant = await DlqTenant.of(bench);
  await tenant.land("a-20240601T000000Z-1.ndjson", [ticket("T1", "2024-05-01", "new", BAD)]);
  await tenant.load();
  const [letter] = await tenant.letters();
  const ids = [letter?.id ?? ""];
  const discard = async () =>
    discardDeadLetters(bench.db, tenant.scope, { ids, reason: "a test record" }, "ann");
  expect(await discard()).toEqual({ discarded: 1 });
  await expect(discard()).rejects.toMatchObject({ code: "conflict" });
  await tenant.load("bulk");
  expect(await tenant.letters()).toMatchObject([
    { status: "discarded", resolved_by: "ann", resolution: "a test record" },
  ]);
  expect(await tenant.replay(ids, MEND)).toMatchObject({ new: 1 });
  expect(await tenant.letters()).toMatchObject([{ status: "replayed", resolved_by: "test" }]);
});

it("nobody touches the dead letters of another tenant", async () => {
  const [mine, theirs] = [await DlqTenant.of(bench), await DlqTenant.of(bench)];
  await theirs.land("a-20240601T000000Z-1.ndjson", [ticket("T1", "2024-05-01", "new", BAD)]);
  await theirs.load();
  const ids = (await theirs.letters()).map((letter) => letter.id);
  const refused = { code: "conflict", message: "No dead letter of this tenant matches." };
  await expect(mine.queue(ids, MEND)).rejects.toMatchObject(refused);
  await expect(mine.dryRun(ids, MEND)).rejects.toMatchObject(refused);
  await expect(
    discardDeadLetters(bench.db, mine.scope, { ids, reason: "not mine" }, "ann"),
  ).rejects.toMatchObject(refused);
});

it("closed dead letters are removed when the tenant's time is over, open ones never", async () => {
  const tenant = await DlqTenant.of(bench);
  const letter = (id: string, status: string, days: number): object => ({
    dead_letter_id: `${tenant.tenantId}-${id}`,
    tenant_id: tenant.tenantId,
    status,
    first_seen: ago(400 * 86_400),
    resolved_at: status === "open" ? null : ago(days * 86_400),
  });
  await putDeadLetters(bench.db, [
    letter("a", "open", 0) as Record<string, unknown>,
    letter("b", "replayed", 20) as Record<string, unknown>,
    letter("c", "discarded", 100) as Record<string, unknown>,
  ]);
  expect(await readRetention(bench.db, tenant.scope)).toBe(90);
  await sweepDeadLetters(bench.db);
  expect((await tenant.letters()).map((one) => one.status)).toEqual(["open", "replayed"]);
  expect(await setRetention(bench.db, tenant.scope, 10, "ann")).toEqual({ before: 90, days: 10 });
  await sweepDeadLetters(bench.db);
  expect((await tenant.letters()).map((one) => one.status)).toEqual(["open"]);
});
