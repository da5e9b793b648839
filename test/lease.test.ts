import { type ChildProcess, execFile } from "node:child_process";
import { promisify } from "node:util";

import { ulid } from "ulid";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import {
  type Lease,
  LeaseLostError,
  clearLeftovers,
  findHolder,
  runLease,
  tableLease,
  takeLease,
} from "@/server/runs/lease";
import { findRun } from "@/server/runs/run-store";
import { recoverRuns } from "@/server/runs/worker";
import { dropStaging } from "@/server/scd2/drop-staging";
import { createStage } from "@/server/scd2/stage";
import { stagingTables } from "@/server/scd2/table-work";

import { atMoment } from "./support/at-moment";
import { GREEN, Twins, endOf, leftovers, runInProcess } from "./support/crash";
import { LoadBench } from "./support/load";
import { until } from "./support/until";

const TO_PUBLISH = { statement: "scd2.publish.incremental", when: "before" } as const;

let bench: LoadBench;
let twins: Twins;
let child: ChildProcess | undefined;

beforeAll(async () => {
  bench = await LoadBench.open();
});

afterAll(async () => bench.close());

async function take(name: string, runId = ulid()): Promise<Lease> {
  const taken = await takeLease(bench.db, name, runId);
  if (!("lease" in taken)) throw new Error(`${taken.holder.worker} has ${name}.`);
  return taken.lease;
}

describe("a lease", () => {
  it("goes to one of many who want it at once", async () => {
    const runs = Array.from({ length: 8 }, () => ulid());
    const taken = await Promise.all(runs.map((run) => takeLease(bench.db, "one of many", run)));
    const leases = taken.flatMap((one) => ("lease" in one ? [one.lease] : []));
    const holders = taken.flatMap((one) => ("holder" in one ? [one.holder] : []));
    expect(leases).toHaveLength(1);
    expect(new Set(holders.map((holder) => holder.token))).toEqual(new Set([leases[0]?.token]));
    await leases[0]?.release();
    expect(await leftovers(bench)).toEqual([]);
  });

  it("can be taken when it was given back, and giving back again does no harm", async () => {
    const first = await take("there and back");
    await first.assertHeld();
    await first.release();
    const second = await take("there and back");
    await first.release();
    await expect(first.assertHeld()).rejects.toThrow(LeaseLostError);
    await second.assertHeld();
    expect((await findHolder(bench.db, "there and back"))?.token).toBe(second.token);
    await second.release();
    expect(await findHolder(bench.db, "there and back")).toBeUndefined();
  });

  it("cleans up before others can have it", async () => {
    const lease = await take("clean");
    let holder: string | undefined;
    await lease.release(async () => {
      holder = (await findHolder(bench.db, "clean"))?.token;
    });
    expect(holder).toBe(lease.token);
  });

  it("that could not be given back is taken over within the process", async () => {
    const runId = ulid();
    const lost = await take("lost", runId);
    await expect(
      lost.release(async () => Promise.reject(new Error("the database is away"))),
    ).rejects.toThrow("the database is away");
    const next = await take("lost", runId);
    await expect(lost.assertHeld()).rejects.toThrow(LeaseLostError);
    await next.release();
    expect(await leftovers(bench)).toEqual([]);
  });
});

it("is not taken from whoever took it while another was about to bury its dead holder", async () => {
  const dead = await take("buried twice");
  const failure = dead.release(() => Promise.reject(new Error("the database is away")));
  await expect(failure).rejects.toThrow("the database is away");
  let winner: Lease | undefined;
  const late = atMoment(bench.db, { statement: "lease.bury", when: "before" }, async () => {
    winner = await take("buried twice");
  });
  await clearLeftovers(late);
  await winner?.assertHeld();
  expect((await findHolder(bench.db, "buried twice"))?.token).toBe(winner?.token);
  await winner?.release();
  expect(await leftovers(bench)).toEqual([]);
});

describe("the lease of another process", () => {
  let runId: string;
  let table: string;

  beforeAll(async () => {
    twins = await Twins.of(bench, 31);
    table = tableLease(twins.disturbed, "tickets");
  });

  beforeEach(async () => {
    await twins.land();
    runId = await twins.begin("incremental");
    // It stops right before it publishes, with the leases of its run and its table.
    child = runInProcess(bench, runId, TO_PUBLISH, "SIGSTOP");
    await until("the other process has come to a halt", async () => {
      return child?.pid !== undefined && isHalted(child.pid);
    });
  });

  afterEach(async () => {
    child?.kill("SIGKILL");
    child = undefined;
    await recoverRuns(bench.context, twins.disturbed);
  });

  it("is not to be had while it lives", async () => {
    const taken = await takeLease(bench.db, table, ulid());
    expect(taken).toMatchObject({ holder: { run_id: runId, lease: table } });
    await clearLeftovers(bench.db);
    expect(await leftovers(bench)).toHaveLength(6);
  });

  it("is taken over when it is dead, by one of several, and its staging goes with it", async () => {
    const staging = (await leftovers(bench)).filter((name) => name.startsWith("staging_"));
    expect(staging).toHaveLength(4);
    const contacts = await take("contacts", runId);
    const own = {
      ...bench.context,
      entity: bench.entity("contacts"),
      tenantId: twins.disturbed,
      runId,
      token: contacts.token,
    };
    await createStage(own);

    await kill();
    const taken = await Promise.all(
      [ulid(), ulid(), ulid()].map((run) => takeLease(bench.db, table, run)),
    );
    const leases = taken.flatMap((one) => ("lease" in one ? [one.lease] : []));
    expect(leases).toHaveLength(1);
    const left = await leftovers(bench);
    expect(left.filter((name) => staging.includes(name))).toEqual([]);
    // What another holder of the same run has staged stays.
    expect(left).toContain(stagingTables(own).stage);
    await leases[0]?.release();
    await contacts.release(async () => dropStaging(own));
  });

  it("is cleared away with its staging when it is dead", async () => {
    await kill();
    await clearLeftovers(bench.db);
    expect(await findHolder(bench.db, runLease(runId))).toBeUndefined();
    expect((await leftovers(bench)).filter((name) => name.includes(runId.toLowerCase()))).toEqual(
      [],
    );
  });

  it("is lost to it when it was silent too long: it publishes nothing and leaves the run alone", async () => {
    await bench.db.command({ name: "test.silence", sql: "TRUNCATE TABLE leases" });
    await recoverRuns(bench.context, twins.disturbed);
    expect((await findRun(bench.db, runId))?.status).toBe("succeeded");

    child?.kill("SIGCONT");
    if (child === undefined) throw new Error("No child.");
    expect(await endOf(child)).toEqual({ said: '{"busy":true}', signal: null });
    const { disturbed, calm } = await twins.outcomes("incremental", runId);
    expect(disturbed).toMatchObject(GREEN);
    expect(disturbed.history).toEqual(calm.history);
  });
});

async function isHalted(pid: number): Promise<boolean> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]);
  return stdout.trim().startsWith("T");
}

async function kill(): Promise<void> {
  if (child === undefined) throw new Error("No child.");
  child.kill("SIGKILL");
  await endOf(child);
}
