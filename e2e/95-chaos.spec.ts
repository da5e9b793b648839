import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { expect, test } from "@playwright/test";

import { type Random, seededRandom } from "@/server/demo/random";

import { findRuns } from "./support/chaos/database";
import { Deliveries, TENANTS } from "./support/chaos/deliveries";
import { Installation, type Victim } from "./support/chaos/installation";
import { allOver, differences, verify } from "./support/chaos/outcome";
import { within } from "./support/chaos/wait";
import { PORT } from "./support/console";

// Console, loads and ClickHouse are killed again and again while objects land. Nothing of it looks at a page, and the
// console of the other tests is not touched.
const SEED = Number(process.env["CHAOS_SEED"] ?? 20_261_122);
const KILLS: Readonly<Record<Victim, number>> = { console: 12, clickhouse: 13, load: 26 };
/** No ClickHouse among the last: a run that met its death waits, and the last kills meet those that wait. */
const LAST_WITHOUT_CLICKHOUSE = 6;
/** A victim is given so long to come to work; then it is killed where it stands. */
const TO_WORK_MS = 60_000;
/** While it has nothing to do, more lands this often. */
const LAND_EVERY_MS = 3_000;
/** A load that is not at work so long after its start gets others beside it. */
const IDLE_MS = 4_000;
const LOADS_AT_ONCE = 3;
/** The moment of a kill: at random within so long after its victim has come to work. */
const AT_WORK_MS = 900;
/** Machines differ, and other programs run on them; on a quiet one all of it takes two minutes. */
const SETTLED_MS = 300_000;
const LIMIT_MS = 1_200_000;

const TENANT_IDS = Object.keys(TENANTS);
const root = path.resolve(import.meta.dirname, "..");
const dataDir = path.join(root, ".build", "chaos-data");

test.describe.configure({ retries: 0 });

let installation: Installation;
let loadsStarted = 0;
let kills: Kill[] = [];

test.beforeEach(() => {
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  installation = new Installation(dataDir, PORT + 1);
  loadsStarted = 0;
  kills = [];
});

// Also where the test's time was up.
test.afterEach(async () => {
  if (test.info().status !== "passed") {
    const list = kills.map(
      ({ at, victim, wasAtWork }, index) =>
        `${String(index + 1).padStart(3)}  ${at}  ${victim}${wasAtWork ? "" : ", idle"}`,
    );
    process.stdout.write(
      `CHAOS_SEED=${SEED}, what was said is in ${dataDir}; killed:\n${list.join("\n")}\n`,
    );
  }
  await installation.close();
});

interface Kill {
  readonly at: string;
  readonly kind: Victim;
  readonly victim: string;
  readonly wasAtWork: boolean;
}

/** What may be killed next, and how often it still has to be. */
function choices(left: Readonly<Record<Victim, number>>): [Victim, number][] {
  const others = left.console + left.load;
  const kinds: readonly Victim[] =
    others > LAST_WITHOUT_CLICKHOUSE
      ? ["console", "load", "clickhouse"]
      : left.clickhouse > 0
        ? ["clickhouse"]
        : ["console", "load"];
  return kinds.flatMap((kind) => (left[kind] > 0 ? [[kind, left[kind]]] : []));
}

async function atWork(): Promise<Record<Victim, boolean>> {
  const busy = await installation.atWork();
  return {
    console: busy.has(installation.console?.pid ?? 0),
    load: installation.loads.some(({ pid }) => busy.has(pid)),
    clickhouse: busy.size > 0,
  };
}

/** Lands objects and keeps console and loads up until one that may be killed is at work; kills it at a random moment. */
async function killNext(
  left: Readonly<Record<Victim, number>>,
  random: Random,
  deliveries: Deliveries,
  share: number,
): Promise<Kill> {
  const begun = Date.now();
  let landedAt = 0;
  for (;;) {
    let kinds: [Victim, number][] = [];
    const wasAtWork = await within(TO_WORK_MS, async () => {
      await installation.keepConsole();
      if (Date.now() - landedAt > LAND_EVERY_MS) {
        deliveries.land(random.int(1, Math.ceil(share)));
        landedAt = Date.now();
      }
      const busy = await atWork();
      const alive = installation.loads.filter((load) => load.isAlive);
      // One that is not at work may be waiting for a run that the console carries out.
      const isIdle = !busy.load && alive.every((load) => Date.now() - load.startedAt > IDLE_MS);
      if (isIdle && alive.length < LOADS_AT_ONCE) {
        const tenantId = TENANT_IDS[loadsStarted++ % TENANT_IDS.length] ?? "";
        deliveries.land(1, tenantId);
        installation.startLoad(tenantId, random.chance(0.25) ? "bulk" : "incremental");
      }
      kinds = choices(left).filter(([one]) => busy[one]);
      return kinds.length > 0;
    });
    const kind = random.weighted(wasAtWork ? kinds : choices(left));
    await delay(random.next() * AT_WORK_MS);
    const victim = await installation.kill(kind);
    if (victim !== undefined) return { at: new Date().toISOString(), victim, wasAtWork, kind };
    if (Date.now() - begun > SETTLED_MS) throw new Error(`No ${kind} was there to be killed.`);
  }
}

test("killed at random fifty times, it comes to the oracle's history, and nothing is left behind", async () => {
  test.setTimeout(LIMIT_MS);
  const begun = Date.now();
  const random = seededRandom(SEED);
  const deliveries = new Deliveries(SEED, installation.storeDir);
  const left = { ...KILLS };
  const planned = left.console + left.load + left.clickhouse;
  const share = deliveries.left / planned;
  while (kills.length < planned) {
    const kill = await killNext(left, random, deliveries, share);
    left[kill.kind] -= 1;
    kills.push(kill);
  }
  const killedAfter = Date.now() - begun;

  await installation.keepConsole();
  deliveries.landAll();
  let problems: string[] = [];
  await within(SETTLED_MS, async () => {
    await installation.keepConsole();
    problems = await allOver(installation);
    if (problems.length === 0) problems = await differences(installation, deliveries.places);
    return problems.length === 0;
  });
  expect(problems).toEqual([]);
  // Whatever looked once more has found nothing, and is gone too.
  expect(await within(SETTLED_MS, async () => (await allOver(installation)).length === 0)).toBe(
    true,
  );
  expect(await verify(installation, TENANT_IDS)).toEqual([]);

  const runs = (await findRuns(dataDir)) ?? [];
  await installation.console?.end("SIGTERM");
  expect(installation.console?.exitCode).toBe(0);
  expect(await installation.isServerGone()).toBe(true);
  expect(installation.accidents).toEqual([]);
  expect(kills.length).toBeGreaterThanOrEqual(50);
  const notGreen = runs.filter(({ status }) => status !== "succeeded").length;
  const ofWork = kills.filter((kill) => kill.wasAtWork).length;
  process.stdout.write(
    `${kills.length} kills, ${ofWork} of them of something at work, in ${Math.round(killedAfter / 1000)} s, ` +
      `settled after ${Math.round((Date.now() - begun) / 1000)} s; ${runs.length} runs, ${notGreen} of them not green\n`,
  );
  expect(ofWork).toBeGreaterThanOrEqual(kills.length / 2);
});
