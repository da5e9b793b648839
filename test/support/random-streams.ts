/**
 * Random streams of canonical objects for the property test "whatever the order of delivery, the
 * engine's history is the oracle's". Few entities, few instants and few states, so that what is rare
 * in life happens in every stream: ties, late and repeated records, deletes and returns, missing
 * times, several spellings of one value, extracts that come late, empty or in parts, objects split,
 * merged and delivered again under other keys. Every record is valid: validation has tests of its own.
 */
import { entityOf } from "@/lib/catalog";
import { type Random, seededRandom } from "@/server/demo/random";
import type { OracleObject } from "./oracle";

/** A file to put into the store. */
export interface LandedObject {
  key: string;
  /** NDJSON; empty for `_SUCCESS`. */
  body: string;
}

export interface RandomStream {
  seed: number;
  tenantId: string;
  table: string;
  /** What counts once all runs are done: increments and complete extracts, for the oracle. */
  objects: OracleObject[];
  /** What lands before each run, in the order of delivery. */
  runs: LandedObject[][];
}

export interface RandomStreamOptions {
  /** The table; by default the seed chooses one of the four. */
  table?: string;
  /** Whether there are full extracts at all. */
  extracts?: boolean;
  /** Whether a part of an extract may land after its `_SUCCESS`, as when a writer tries again. */
  lateParts?: boolean;
  /** Whether an object may land again under its own key with the same content. */
  relanding?: boolean;
}

/** One possible state of an entity: for every column in play, the ways to spell its value. */
type Palette = Record<string, readonly unknown[]>[];

interface Draft {
  stamp: number;
  extract?: number;
  records: Record<string, unknown>[];
}

interface Extract {
  folder: string;
  parts: OracleObject[];
  complete: boolean;
}

const ABSENT = Symbol("absent");
const HOUR = 3_600_000;
const FIRST_INSTANT = Date.UTC(2024, 2, 1, 6);

/** Each line lists spellings of one and the same stored value. */
const SAME_VALUE = {
  text: [
    ["A"],
    ["B"],
    ["a"],
    ["A "],
    ["é"],
    ["e\u0301"],
    [7, "7"],
    ["07"],
    [""],
    [null, ABSENT],
    ["null"],
    ["x\ty|z,\"'\\"],
  ],
  decimal: [
    [12.5, "12.5", "12.50", "12.500", 12.504, "12.495", "1.25e1"],
    ["0", 0, "-0", "0.004", -0.004],
    ["-0.01", -0.005, "-0.005"],
    ["1.01", 1.005, "1.005"],
    ["9999999999999999.99"],
    [null, ABSENT, "", "  "],
  ],
  integer: [
    [250, "250", 250.0, "250.0"],
    [0, "0"],
    [4_294_967_295, "4294967295"],
    [null, ABSENT, ""],
  ],
  datetime: [
    [
      "2024-02-28",
      "2024-02-28T00:00:00Z",
      "2024-02-28 00:00:00",
      "2024-02-28T02:00:00+02:00",
      "2024-02-28T00:00:00.0009Z",
    ],
    ["2024-02-28T00:00:00.500Z", "2024-02-27T22:30:00.5-01:30"],
    ["1969-12-31T23:59:59.999Z"],
    [null, ABSENT, ""],
  ],
} as const satisfies Record<string, readonly (readonly unknown[])[]>;

/** The columns that vary, besides those a table requires. */
const COLUMNS_IN_PLAY: Record<string, readonly string[]> = {
  companies: ["status", "city", "annual_revenue", "number_of_employees"],
  contacts: ["company_id", "last_name", "title"],
  tickets: ["status", "ticket_number", "budget_hours", "closed_date"],
  time_entries: ["notes", "actual_hours", "time_start"],
};

const PLAIN_IDS: readonly (readonly unknown[])[] = [["1"], ["2"], [7, "7"]];
const UNUSUAL_IDS: readonly (readonly unknown[])[] = [
  ["07"],
  [" 7"],
  ["7 "],
  ["é"],
  ["e\u0301"],
  ["O'Brien\\"],
  ["100%_{id:String}"],
  ["line\nbreak\r\n"],
  ["a|b"],
  ["a,b\t"],
  ["NULL"],
  ["\\N"],
  ['"'],
  ["'; DROP TABLE tickets_scd; --"],
  ["😀"],
  ["x".repeat(2000)],
];

/** Columns nobody knows, or that only the engine may set. */
const IGNORED: readonly Record<string, unknown>[] = [
  { crm_score: 3 },
  { tenant_id: "somebody-else", is_current: false },
  { record_hash: "0", effective_start_date: "1999-01-01", run_id: "none" },
  {
    source_system: "connectwise",
    ingestion_timestamp: "2024-03-01T00:00:00Z",
    nested: { a: [1, null] },
  },
  { _deleted: false },
  { _deleted: "true" },
  { _deleted: null },
];

/**
 * One stream. The same seed and options give the same stream.
 *
 * @param seed any whole number
 * @param tenantId the tenant whose store the objects land in; many streams fit one data directory
 * @throws when the catalogue lacks the table
 */
export function randomStream(
  seed: number,
  tenantId: string,
  options: RandomStreamOptions = {},
): RandomStream {
  const random = seededRandom(seed);
  const table = options.table ?? random.pick(Object.keys(COLUMNS_IN_PLAY));
  const makeRecord = recordMaker(random, table);
  const instants = instantGrid(random);
  const prefix = `${tenantId}/canonical/${table}/`;

  const increments: Draft[] = [];
  const extractDrafts: Draft[] = [];
  for (let count = random.int(3, 9); count > 0; count -= 1) {
    const stamp = random.pick(instants);
    const draft: Draft = {
      stamp,
      records: Array.from(
        {
          length: random.weighted([
            [0, 1],
            [1, 8],
            [2, 5],
            [3, 4],
            [6, 2],
          ]),
        },
        () => makeRecord(random.chance(0.75) ? random.pick(instants) : null),
      ),
    };
    if (options.extracts !== false && random.chance(0.35))
      extractDrafts.push({ ...draft, extract: stamp });
    else increments.push(draft);
  }
  increments.push(...redelivered(random, increments, instants));

  const objects: OracleObject[] = [];
  const deliveries: { order: number; object: LandedObject }[] = [];
  for (const object of increments.flatMap((draft) =>
    named(random, tenantId, prefix, split(random, draft)),
  )) {
    objects.push(object);
    deliveries.push({ order: random.next(), object: landed(random, object) });
  }
  for (const extract of extractsOf(random, tenantId, prefix, extractDrafts)) {
    const parts = extract.parts.map((object) => ({
      order: random.next(),
      object: landed(random, object),
    }));
    deliveries.push(...parts);
    if (!extract.complete) continue;
    objects.push(...extract.parts);
    // An extract without rows may be nothing but its marker.
    if (extract.parts.length === 0) objects.push(emptyExtract(tenantId, extract.folder));
    const last = Math.max(0, ...parts.map(({ order }) => order));
    const order =
      options.lateParts !== false && random.chance(0.1)
        ? random.next()
        : last + random.next() * (1 - last) + 1e-9;
    deliveries.push({ order, object: { key: `${extract.folder}_SUCCESS`, body: "" } });
  }

  deliveries.sort((a, b) => a.order - b.order);
  const runs = inRuns(
    random,
    deliveries.map(({ object }) => object),
  );
  if (options.relanding !== false && random.chance(0.2)) {
    const again = random.pick(deliveries).object;
    if (runs.length === 1 || random.chance(0.5)) runs.push([again]);
    else runs.at(-1)?.push(again);
  }
  return { seed, tenantId, table, objects: distinctKeys(objects), runs };
}

/**
 * Several streams, each a tenant of its own (`stream-0001`, …) with the seeds that follow `firstSeed`.
 */
export function randomStreams(
  count: number,
  firstSeed: number,
  options: RandomStreamOptions = {},
): RandomStream[] {
  return Array.from({ length: count }, (_, index) =>
    randomStream(firstSeed + index, `stream-${String(index + 1).padStart(4, "0")}`, options),
  );
}

/** Five to eight instants that serve as record times, object stamps and extract instants alike. */
function instantGrid(random: Random): number[] {
  const steps = Array.from(
    { length: random.int(4, 6) },
    (_, index) => FIRST_INSTANT + index * random.pick([24, 24, 1]) * HOUR,
  );
  const odd = FIRST_INSTANT + 250;
  return random.chance(0.3) ? [...new Set([...steps, odd])] : [...new Set(steps)];
}

/** Makes records of few entities in few states; time null leaves `last_updated` out. */
function recordMaker(
  random: Random,
  table: string,
): (time: number | null) => Record<string, unknown> {
  const entity = entityOf(table);
  if (!entity) throw new Error(`the catalogue has no ${table}`);
  const ids = random.shuffle([
    ...PLAIN_IDS.slice(0, 2),
    random.pick(PLAIN_IDS),
    ...(random.chance(0.5) ? [random.pick(UNUSUAL_IDS)] : []),
  ]);
  const required = entity.columns.filter((column) => column.required).map(({ name }) => name);
  const columns = entity.columns.filter(({ name }) =>
    (COLUMNS_IN_PLAY[table] ?? []).includes(name),
  );

  const palette: Palette = Array.from({ length: random.int(2, 3) }, () =>
    Object.fromEntries(
      columns.map(({ name, type }) => {
        const values: readonly (readonly unknown[])[] = required.includes(name)
          ? [["A"], ["B"], ["C"]]
          : SAME_VALUE[type];
        return [name, random.pick(values)];
      }),
    ),
  );

  return (time) => {
    const record: Record<string, unknown> = { [entity.idColumn]: random.pick(random.pick(ids)) };
    if (time !== null) record["last_updated"] = spelledTime(random, time);
    else if (random.chance(0.3)) record["last_updated"] = null;

    const deleted = random.chance(0.18);
    if (!deleted || random.chance(0.3)) {
      for (const name of required) record[name] = "fixed";
      for (const [name, spellings] of Object.entries(random.pick(palette))) {
        const value = random.pick(spellings);
        if (value === ABSENT) delete record[name];
        else record[name] = value;
      }
      if (random.chance(0.2)) Object.assign(record, random.pick(IGNORED));
    }
    if (deleted) record["_deleted"] = true;
    return record;
  };
}

/** A time in one of the spellings R3 allows; now and then a moment far off instead. */
function spelledTime(random: Random, time: number): string {
  if (random.chance(0.03))
    return random.pick(["1931-05-06T07:08:09.123Z", "1970-01-01", "2199-12-31T23:59:59.999Z"]);
  const iso = new Date(time).toISOString();
  const millis = iso.slice(19, 23);
  return random.weighted([
    [iso, 6],
    [millis === ".000" ? `${iso.slice(0, 19)}Z` : iso, 4],
    [iso.slice(0, 23), 1],
    [iso.slice(0, 23).replace("T", " "), 1],
    [`${iso.slice(0, 23)}987654Z`, 1],
    [`${new Date(time + 2 * HOUR).toISOString().slice(0, 23)}+02:00`, 1],
    [`${new Date(time + HOUR).toISOString().slice(0, 19)}${millis}+0100`, 1],
    [`${new Date(time - 3.5 * HOUR).toISOString().slice(0, 23)}-03:30`, 1],
  ]);
}

/** Copies of what was drawn, whole, merged or with one record only, now or at another stamp. */
function redelivered(
  random: Random,
  drafts: readonly Draft[],
  instants: readonly number[],
): Draft[] {
  return drafts.flatMap((draft) => {
    if (!random.chance(0.25)) return [];
    const merged = random.chance(0.3)
      ? [...draft.records, ...random.pick(drafts).records]
      : draft.records;
    const records = random.chance(0.2)
      ? merged.slice(0, 1)
      : random.chance(0.3)
        ? random.shuffle(merged)
        : merged;
    return [{ stamp: random.chance(0.5) ? draft.stamp : random.pick(instants), records }];
  });
}

/** One draft as one object or as several that share its stamp. */
function split(random: Random, draft: Draft): Draft[] {
  if (draft.records.length < 2 || !random.chance(0.3)) return [draft];
  const cut = random.int(1, draft.records.length - 1);
  return [
    { ...draft, records: draft.records.slice(0, cut) },
    { ...draft, records: draft.records.slice(cut) },
  ];
}

/** Names sort before and behind "full/", and numbers do not sort as their text does. */
function named(
  random: Random,
  tenantId: string,
  prefix: string,
  drafts: readonly Draft[],
): OracleObject[] {
  return drafts.map(({ stamp, records }) => {
    const name = random.pick([
      "changes",
      "changes",
      "Full",
      "full",
      "zz",
      "delta-2024",
      "a b+c",
      "it's 100% a&b",
    ]);
    const number = random.pick([1, 2, 10, "0003"]);
    const suffix = random.next().toString(36).slice(2, 7);
    return {
      tenantId,
      stamp,
      key: `${prefix}${name}-${suffix}-${compactStamp(random, stamp)}-${number}.ndjson`,
      records,
    };
  });
}

/** Extracts of one instant are one extract: the union of what lies in its folder. */
function extractsOf(
  random: Random,
  tenantId: string,
  prefix: string,
  drafts: readonly Draft[],
): Extract[] {
  const extracts = new Map<number, Extract>();
  for (const { stamp, records } of drafts) {
    const extract = extracts.get(stamp) ?? {
      folder: `${prefix}full/${compactStamp(random, stamp)}/`,
      parts: [],
      complete: random.chance(0.92),
    };
    extracts.set(stamp, extract);
    if (records.length === 0 && random.chance(0.5)) continue;
    for (const part of split(random, { stamp, records })) {
      extract.parts.push({
        tenantId,
        stamp,
        extract: stamp,
        key: `${extract.folder}part-${String(extract.parts.length)}.ndjson`,
        records: part.records,
      });
    }
  }
  return [...extracts.values()];
}

function emptyExtract(tenantId: string, folder: string): OracleObject {
  const match = /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d*)Z\/$/.exec(folder);
  if (!match) throw new Error(`no stamp in ${folder}`);
  const [, year, month, day, hour, minute, second, millis] = match;
  const stamp = Date.parse(
    `${year}-${month}-${day}T${hour}:${minute}:${second}.${millis || "000"}Z`,
  );
  return { tenantId, stamp, extract: stamp, key: `${folder}_SUCCESS`, records: [] };
}

/** A stamp as names carry it, with or without its milliseconds when they are none. */
function compactStamp(random: Random, ms: number): string {
  const text = new Date(ms).toISOString().replaceAll(/[-:.]/g, "");
  return ms % 1000 === 0 && random.chance(0.5) ? `${text.slice(0, 15)}Z` : text;
}

/** NDJSON as different writers leave it: spaced or tight, escaped or not, with or without a last newline. */
function landed(random: Random, object: OracleObject): LandedObject {
  const lines = object.records.map((record) => {
    const text = JSON.stringify(record);
    return random.chance(0.2)
      ? text.replaceAll(
          /[\u0080-\uffff]/g,
          (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
        )
      : text;
  });
  const end = lines.length > 0 && random.chance(0.8) ? "\n" : "";
  return { key: object.key, body: lines.join("\n") + end };
}

/** All at once, one by one, or in groups of random size. */
function inRuns(random: Random, objects: readonly LandedObject[]): LandedObject[][] {
  const size = random.weighted<() => number>([
    [() => objects.length, 1],
    [() => 1, 2],
    [() => random.int(1, 4), 3],
  ]);
  const runs: LandedObject[][] = [];
  for (let at = 0; at < objects.length;) {
    const count = Math.max(1, size());
    runs.push(objects.slice(at, at + count));
    at += count;
  }
  return runs;
}

/** Guards the generator: two objects under one key would make the expectation meaningless. */
function distinctKeys(objects: OracleObject[]): OracleObject[] {
  if (new Set(objects.map(({ key }) => key)).size !== objects.length)
    throw new Error("two objects share a key");
  return objects;
}
