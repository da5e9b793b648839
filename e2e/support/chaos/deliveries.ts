import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";

import { entityOf } from "@/lib/catalog";
import { type Random, seededRandom } from "@/server/demo/random";

import { type ExportRow, type OracleObject, expectedHistory } from "../../../test/support/oracle";
import { type LandedObject, randomStream } from "../../../test/support/random-streams";

/** Tenants, and those of their tables that get objects. */
export const TENANTS: Readonly<Record<string, readonly string[]>> = {
  "harbour-it": ["tickets", "companies"],
  "nordlicht-net": ["contacts", "time_entries"],
  "delta-desk": ["tickets", "contacts"],
};

/** One of them with full extracts; two at once would miss each other's records. */
const STREAMS_A_TABLE = 3;

/** A tenant's table: what is still to land in it, and what its history must come to. */
export interface Place {
  readonly tenantId: string;
  readonly table: string;
  readonly waiting: LandedObject[];
  readonly expected: readonly ExportRow[];
}

/** What lands in the course of a test: late, repeated, tied and deleted records, and full extracts; few rows each. */
export class Deliveries {
  readonly places: readonly Place[];
  readonly #random: Random;
  readonly #storeDir: string;
  readonly #landed: (LandedObject & Pick<Place, "tenantId">)[] = [];
  #drafts = 0;

  constructor(seed: number, storeDir: string) {
    this.#random = seededRandom(seed);
    this.#storeDir = storeDir;
    this.places = Object.entries(TENANTS).flatMap(([tenantId, tables], at) =>
      tables.map((table, index) => this.#place(seed + 100 * at + 10 * index, tenantId, table)),
    );
  }

  /** How many objects are still to land. */
  get left(): number {
    return this.places.reduce((sum, { waiting }) => sum + waiting.length, 0);
  }

  /** Lands the next objects of random tables, but keeps the last of each back; where no more are left, old ones come again. */
  land(count: number, tenantId?: string): void {
    const isWanted = (one: Pick<Place, "tenantId">): boolean =>
      tenantId === undefined || one.tenantId === tenantId;
    for (let landed = 0; landed < count; landed += 1) {
      const open = this.places.filter((place) => isWanted(place) && place.waiting.length > 1);
      if (open.length > 0) this.#landNext(this.#random.pick(open));
      else {
        const again = this.#landed.filter(isWanted);
        if (again.length > 0) this.#put(this.#random.pick(again));
      }
    }
  }

  landAll(): void {
    for (const place of this.places) {
      while (place.waiting.length > 0) this.#landNext(place);
    }
  }

  #landNext({ tenantId, waiting }: Place): void {
    const next = waiting.shift();
    if (next === undefined) return;
    this.#put(next);
    // A complete extract's marker says nothing new a second time.
    if (next.body !== "") this.#landed.push({ ...next, tenantId });
  }

  #put({ key, body }: LandedObject): void {
    const file = path.join(this.#storeDir, key);
    // Outside of the store, so that whoever watches it sees a whole object at once.
    const draft = `${this.#storeDir}.draft-${this.#drafts++}`;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(draft, body);
    renameSync(draft, file);
  }

  #place(seed: number, tenantId: string, table: string): Place {
    const streams = Array.from({ length: STREAMS_A_TABLE }, (_, index) =>
      randomStream(seed + index, tenantId, { table, extracts: index === 0 }),
    );
    const objects: OracleObject[] = streams.flatMap((stream) => stream.objects);
    if (new Set(objects.map(({ key }) => key)).size !== objects.length)
      throw new Error(`Two objects of ${tenantId}/${table} share a key; take another seed.`);
    const entity = entityOf(table);
    if (entity === undefined) throw new Error(`The catalogue has no ${table}.`);
    return {
      tenantId,
      table,
      waiting: shuffledTogether(
        this.#random,
        streams.map(({ runs }) => runs.flat()),
      ),
      expected: expectedHistory(entity, objects).get(tenantId) ?? [],
    };
  }
}

/** One list out of several, each of which keeps its order. */
function shuffledTogether<T>(random: Random, lists: readonly (readonly T[])[]): T[] {
  const turns = random.shuffle(lists.flatMap((list, index) => list.map(() => index)));
  const iterators = lists.map((list) => list[Symbol.iterator]());
  return turns.flatMap((turn) => {
    const next = iterators[turn]?.next();
    return next === undefined || next.done === true ? [] : [next.value];
  });
}
