/**
 * The reference history: what the rules R1 to R9 of the conformance README say, written to be
 * obviously right and not to be fast. It reads objects as they lie in the canonical store and
 * gives the version rows that the engine must export. It shares no code with the engine, only the column types, so that
 * one mistake cannot hide in both.
 */

import type { ColumnType } from "@/lib/catalog";

/** What the oracle needs to know of a table; an entry of the catalogue fits. */
export interface OracleEntity {
  readonly idColumn: string;
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
}

/** One canonical object. A complete extract is every object that carries the same `extract`. */
export interface OracleObject {
  tenantId: string;
  /** The object's stamp, ms since the epoch, UTC. For a part of an extract it equals `extract`. */
  stamp: number;
  /** The full key in the store; orders objects that share a stamp. */
  key: string;
  /** The instant T of the complete extract that this object is a part of, ms UTC. */
  extract?: number;
  /** Parsed JSON values, in the order of the rows. An extract without rows is one object with none. */
  records: readonly unknown[];
}

/** A version as `avesa export` writes it. */
export type ExportRow = Record<string, string | number | boolean | null>;

type State = Record<string, string | number | null>;

/** Where an observation stands among those of the same instant (R5); `last` ranks after every record. */
interface Rank {
  stamp: number;
  key: string;
  row: number;
  last: boolean;
}

/** What some object said of an entity at instant `time`; `state` is null when it said "deleted". */
interface Observation {
  time: number;
  state: State | null;
  rank: Rank;
}

/**
 * The whole history of every entity in a set of objects.
 *
 * @param entity the table's id column and typed columns, in catalogue order
 * @param objects the objects of one table, any tenants, in any order
 * @returns per tenant id, the version rows in export form (id, business columns,
 *   effective_start_date and effective_end_date as ISO 8601 with ms and Z, is_current; decimals as
 *   text with two places), sorted by the bytes of the id and then by start
 * @throws when a value cannot be read as its column's type: the oracle wants valid records
 */
export function expectedHistory(
  entity: OracleEntity,
  objects: readonly OracleObject[],
): Map<string, ExportRow[]> {
  const tenants = new Map<string, OracleObject[]>();
  for (const object of objects) {
    const known = tenants.get(object.tenantId);
    if (known) known.push(object);
    else tenants.set(object.tenantId, [object]);
  }
  return new Map([...tenants].map(([tenantId, own]) => [tenantId, tenantHistory(entity, own)]));
}

function tenantHistory(entity: OracleEntity, objects: readonly OracleObject[]): ExportRow[] {
  const observations = new Map<string, Observation[]>();
  const born = new Map<string, number>();
  const extracts = new Map<number, Map<string, Observation>>();

  for (const object of objects) {
    if (object.extract !== undefined && !extracts.has(object.extract))
      extracts.set(object.extract, new Map());
    object.records.forEach((value, row) => {
      const record = value as Record<string, unknown>;
      const id = textOf(record[entity.idColumn]);
      if (id === null) throw new Error(`${object.key}, row ${row}: no id`);
      const observation: Observation = {
        time: observedAt(record, object.stamp),
        state: record["_deleted"] === true ? null : stateOf(entity, record),
        rank: { stamp: object.stamp, key: object.key, row, last: false },
      };
      observations.set(id, [...(observations.get(id) ?? []), observation]);
      born.set(id, Math.min(born.get(id) ?? object.stamp, object.stamp));

      const present = object.extract === undefined ? undefined : extracts.get(object.extract);
      const newest = present?.get(id);
      if (present && (!newest || isNewer(observation, newest))) present.set(id, observation);
    });
  }

  // R8: an extract deletes, at its instant, whatever it does not list and some object had delivered.
  for (const [instant, present] of extracts) {
    for (const [id, own] of observations) {
      if (!present.has(id) && (born.get(id) ?? Infinity) <= instant) {
        own.push({
          time: instant,
          state: null,
          rank: { stamp: instant, key: "", row: 0, last: true },
        });
      }
    }
  }

  const rows: ExportRow[] = [];
  for (const id of [...observations.keys()].sort(compareBytes)) {
    const presences = new Map<number, State>();
    for (const [instant, present] of extracts) {
      const listed = present.get(id);
      // R9: only an upsert that is not newer than the extract proves the entity alive.
      if (listed?.state && listed.time <= instant) presences.set(instant, listed.state);
    }
    rows.push(...versionsOf(entity, id, observations.get(id) ?? [], presences));
  }
  return rows;
}

/** R5, R6, R7 and R9: the winners of one entity in time order, equal neighbours made one. */
function versionsOf(
  entity: OracleEntity,
  id: string,
  observations: readonly Observation[],
  presences: ReadonlyMap<number, State>,
): ExportRow[] {
  const winners = new Map<number, Observation>();
  for (const observation of observations) {
    const holder = winners.get(observation.time);
    if (!holder || compareRank(observation.rank, holder.rank) > 0)
      winners.set(observation.time, observation);
  }

  const versions: { start: number; end: number | null; state: State }[] = [];
  let current: State | null = null;
  for (const time of [...new Set([...winners.keys(), ...presences.keys()])].sort((a, b) => a - b)) {
    const winner = winners.get(time);
    let next: State | null = winner ? winner.state : current;
    // A delete at exactly the extract's instant stands when its object came later than the extract.
    const deletedLater = winner !== undefined && winner.state === null && winner.rank.stamp > time;
    if (next === null && !deletedLater) next = presences.get(time) ?? null;
    if (sameState(current, next)) continue;
    const open = versions.at(-1);
    if (open && open.end === null) open.end = time;
    if (next) versions.push({ start: time, end: null, state: next });
    current = next;
  }

  return versions.map((version) => ({
    [entity.idColumn]: id,
    ...version.state,
    effective_start_date: isoMs(version.start),
    effective_end_date: version.end === null ? null : isoMs(version.end),
    is_current: version.end === null,
  }));
}

/** R4: a record without a time was observed at the stamp of its object. */
function observedAt(record: Record<string, unknown>, stamp: number): number {
  const lastUpdated = record["last_updated"];
  return lastUpdated === null || lastUpdated === undefined
    ? stamp
    : millisecondsOf(String(lastUpdated));
}

/** The newest record of an entity within one extract: greatest time, then key, then row. */
function isNewer(a: Observation, b: Observation): boolean {
  return a.time === b.time ? compareRank(a.rank, b.rank) > 0 : a.time > b.time;
}

function compareRank(a: Rank, b: Rank): number {
  if (a.stamp !== b.stamp) return a.stamp - b.stamp;
  if (a.last !== b.last) return a.last ? 1 : -1;
  return compareBytes(a.key, b.key) || a.row - b.row;
}

/** Order by UTF-8 bytes, as the database orders text; UTF-16 order differs beyond the first plane. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a, "utf8"), Buffer.from(b, "utf8"));
}

function sameState(a: State | null, b: State | null): boolean {
  if (a === null || b === null) return a === b;
  return Object.keys(a).every((column) => a[column] === b[column]);
}

/** R2: every business column in catalogue order, an absent one as null. */
function stateOf(entity: OracleEntity, record: Record<string, unknown>): State {
  const state: State = {};
  for (const { name, type } of entity.columns) {
    if (name !== entity.idColumn) state[name] = valueOf(type, record[name]);
  }
  return state;
}

function valueOf(type: ColumnType, value: unknown): string | number | null {
  if (type === "text") return textOf(value);
  if (value === null || value === undefined || (typeof value === "string" && value.trim() === ""))
    return null;
  switch (type) {
    case "decimal":
      return decimalText(String(value), 2);
    case "integer":
      return Number(decimalText(String(value), 0));
    case "datetime":
      return isoMs(millisecondsOf(String(value)));
  }
}

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

/**
 * A number's text at a fixed count of decimal places, rounded half away from zero, by digits alone.
 *
 * @param text decimal text, with an exponent or without
 * @throws when the text is not a number
 */
export function decimalText(text: string, places: number): string {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text.trim());
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (!match || whole + fraction === "") throw new Error(`not a number: ${text}`);
  // The value is digits × 10^-scale.
  let digits = BigInt(whole + fraction);
  let scale = fraction.length - Number(exponent);
  if (scale < places) {
    digits *= 10n ** BigInt(places - scale);
    scale = places;
  }
  const unit = 10n ** BigInt(scale - places);
  const rounded = (digits * 2n + unit) / (unit * 2n);
  const padded = rounded.toString().padStart(places + 1, "0");
  const shown = places === 0 ? padded : `${padded.slice(0, -places)}.${padded.slice(-places)}`;
  return sign === "-" && rounded !== 0n ? `-${shown}` : shown;
}

/**
 * R3: ISO text to ms since the epoch, UTC. Without an offset it is UTC, a date is its midnight,
 * digits after the millisecond are cut off.
 *
 * @throws when the text is no such time
 */
export function millisecondsOf(text: string): number {
  const match =
    /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?\s*(?:(Z)|([+-])(\d\d):?(\d\d))?$/.exec(
      text.trim(),
    );
  if (!match) throw new Error(`not a time: ${text}`);
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "0",
    ,
    sign,
    offHour,
    offMinute,
  ] = match;
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const local = new Date(0);
  local.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  local.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  const offsetMinutes =
    sign === undefined ? 0 : Number(`${sign}1`) * (Number(offHour) * 60 + Number(offMinute));
  return local.getTime() - offsetMinutes * 60_000;
}

function isoMs(ms: number): string {
  return new Date(ms).toISOString();
}
