import type { Bench } from "./benchmark";
import { measureCurrent } from "./current-rows";
import type { Readings } from "./figures";
import { type LargeTenant, atRest, makeLargeTenant, timeIncrement } from "./large-tenant";
import { measureEntity } from "./timelines";

/** Versions of each ticket of the large tenant: ten times a million of them in all. */
export const VERSIONS_EACH = 10;

/** What reading the large tenant took. */
export interface Reads {
  readonly current: Readings;
  readonly entity: Readings;
}

// Making ten million versions takes longer than all reads of them, so whoever makes them first in a run of the bench measures
// for all: the key is what they are made by.
const taken = new Map<string, Reads>();

function keyOf({ rows, rounds }: Bench): string {
  return `${rows} ${rounds}`;
}

/** Ten million versions of a million tickets, as a bulk load and its merges leave them. */
export async function makeTenMillion(bench: Bench): Promise<LargeTenant> {
  const tenant = await makeLargeTenant(bench, bench.rows, VERSIONS_EACH);
  await atRest(bench);
  return tenant;
}

/** Measures the reads of a large tenant that has just taken increments, its parts not merged. */
export async function measureReads(bench: Bench, tenant: LargeTenant): Promise<Reads> {
  bench.say("reading current rows and timelines");
  const reads = {
    current: await measureCurrent(bench, tenant),
    entity: await measureEntity(bench, tenant),
  };
  taken.set(keyOf(bench), reads);
  return reads;
}

/** The reads, of a tenant made for them unless they were measured in this run already. */
export async function readsAtTenMillion(bench: Bench): Promise<Reads> {
  const known = taken.get(keyOf(bench));
  if (known !== undefined) return known;
  const tenant = await makeTenMillion(bench);
  for (let round = 0; round <= bench.rounds; round++) await timeIncrement(bench, tenant, round);
  return measureReads(bench, tenant);
}
