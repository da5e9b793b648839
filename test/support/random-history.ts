import type { Db } from "@/server/clickhouse/client";
import { type Random, seededRandom } from "@/server/demo/random";

const ENTITIES = 40;
const STATES = ["New", "Open", "Closed"];

/** A version as it is stored now. */
interface Stored {
  readonly id: string;
  readonly start: number;
  end: number | null;
  status: string;
  isDeleted: boolean;
  rowVersion: number;
  /** Where its row lies: with the current ones, with the closed ones, or nowhere. */
  place: Place;
}

type Place = "current" | "closed" | null;

function placeOf({ isDeleted, end }: Pick<Stored, "isDeleted" | "end">): Place {
  if (isDeleted) return null;
  return end === null ? "current" : "closed";
}

/**
 * A tenant's history in tickets_scd as increments leave it, written row by row: versions that close, come back, are altered or
 * taken away, in parts of their own or merged with their neighbours before or after they are published.
 */
export class RandomHistory {
  readonly #db: Db;
  readonly #tenant: string;
  readonly #random: Random;
  readonly #side: string;
  #stored: Stored[] = [];
  #now = 0;

  constructor(db: Db, tenant: string, seed: number) {
    this.#db = db;
    this.#tenant = tenant;
    this.#random = seededRandom(seed);
    this.#side = `staging_history_${seed}`;
  }

  /** What the current rows should be, by id. */
  current(): { ticket_id: string; status: string; summary: string }[] {
    return this.#stored
      .filter((version) => placeOf(version) === "current")
      .map(({ id, start, status }) => ({
        ticket_id: id,
        status,
        summary: `${status} at ${start}`,
      }))
      .toSorted((one, other) => (one.ticket_id < other.ticket_id ? -1 : 1));
  }

  /** A bulk load in place of whatever is there. @returns the entities, each with a current version */
  async load(): Promise<number> {
    this.#now++;
    this.#stored = Array.from({ length: ENTITIES }, (_, index) => this.#version(`T${index}`, 1));
    await this.#create();
    await this.#write(this.#stored);
    await this.#publish("REPLACE");
    return ENTITIES;
  }

  /** An increment that gives some entities a new current version. */
  async change(): Promise<void> {
    await this.#create();
    await this.#write(this.#touch((versions) => this.#follow(versions), false));
    await this.#publish("ATTACH");
  }

  /** One of what can happen: a load, increments of any kind, a merge. */
  async step(): Promise<void> {
    if (this.#stored.length === 0 || this.#random.chance(0.06)) {
      await this.load();
    } else if (this.#random.chance(0.25)) {
      await this.merge();
    } else {
      await this.#create();
      const increments = this.#random.int(1, 3);
      for (let index = 0; index < increments; index++) {
        await this.#write(
          this.#touch((versions) => this.#alter(versions), this.#random.chance(0.3)),
        );
      }
      // Parts that were neighbours and are merged, behind others that are not.
      if (this.#random.chance(0.4)) await this.#command(`OPTIMIZE TABLE ${this.#side} FINAL`);
      await this.#publish("ATTACH");
    }
  }

  /** Merges the tenant's parts, all of them or those that ClickHouse thinks should be. */
  async merge(): Promise<void> {
    const all = this.#random.chance(0.5) ? "FINAL" : "";
    await this.#command(`OPTIMIZE TABLE tickets_scd PARTITION '${this.#tenant}' ${all}`);
  }

  /** Lets something happen to some entities, and one more come. @returns the rows that an increment would write of them */
  #touch(act: (versions: Stored[]) => Stored[], comes: boolean): Stored[] {
    this.#now++;
    const ids = [...new Set(this.#stored.map(({ id }) => id))].filter(() =>
      this.#random.chance(0.3),
    );
    const touched = this.#stored.filter(({ id }) => ids.includes(id));
    const rowVersion = Math.max(0, ...touched.map((version) => version.rowVersion)) + 1;
    const rows = ids.flatMap((id) => act(touched.filter((version) => version.id === id)));
    if (comes) rows.push(this.#version(`N${this.#now}`, 0));
    for (const row of rows) {
      row.rowVersion = rowVersion;
      if (!this.#stored.includes(row)) this.#stored.push(row);
    }
    return rows;
  }

  #follow(versions: Stored[]): Stored[] {
    const next = this.#version(versions[0]?.id ?? "", 0);
    const current = versions.filter(({ end, isDeleted }) => end === null && !isDeleted);
    for (const version of current) version.end = next.start;
    return [...current, next];
  }

  #alter(versions: Stored[]): Stored[] {
    const version = this.#random.pick(versions);
    switch (this.#random.int(0, 5)) {
      case 0: // A version that was taken away or had ended is open again; whatever was open ends.
        version.isDeleted = false;
        version.end = null;
        version.status = this.#random.pick(STATES);
        return [version, ...this.#close(versions.filter((other) => other !== version))];
      case 1:
        version.isDeleted = true;
        return [version];
      case 2:
        return this.#close(versions);
      case 3: // The same content again, or another where it stands.
        version.status = this.#random.pick(STATES);
        return [version];
      default:
        return this.#follow(versions);
    }
  }

  #close(versions: Stored[]): Stored[] {
    const open = versions.filter(({ end, isDeleted }) => end === null && !isDeleted);
    for (const version of open) version.end = version.start + 1;
    return open;
  }

  #version(id: string, rowVersion: number): Stored {
    return {
      id,
      start: this.#now,
      end: null,
      status: this.#random.pick(STATES),
      isDeleted: false,
      rowVersion,
      place: null,
    };
  }

  async #create(): Promise<void> {
    await this.#command(`CREATE OR REPLACE TABLE ${this.#side} AS tickets_scd`);
  }

  async #publish(how: "ATTACH" | "REPLACE"): Promise<void> {
    await this.#command(
      `ALTER TABLE tickets_scd ${how} PARTITION '${this.#tenant}' FROM ${this.#side}`,
    );
  }

  /** Writes versions to their places; a tombstone goes to the place that one has left, unless another row takes it. */
  async #write(versions: readonly Stored[]): Promise<void> {
    const opened = new Set(
      versions.filter((one) => placeOf(one) === "current").map(({ id }) => id),
    );
    const rows = versions.flatMap((version) => {
      const { place } = version;
      version.place = placeOf(version);
      const isLeft =
        place !== null &&
        place !== version.place &&
        !(place === "current" && opened.has(version.id));
      return [
        ...(isLeft ? [{ ...version, place, isDeleted: true }] : []),
        ...(version.place === null ? [] : [version]),
      ];
    });
    if (rows.length === 0) return;
    await this.#db.insert(
      this.#side,
      rows.map(({ id, start, end, status, isDeleted, rowVersion, place }) => ({
        tenant_id: this.#tenant,
        ticket_id: id,
        status,
        summary: `${status} at ${start}`,
        effective_start_date: start * 1000,
        effective_end_date: end === null ? null : end * 1000,
        is_current: place === "current",
        is_deleted: isDeleted ? 1 : 0,
        ingestion_timestamp: new Date().toISOString(),
        row_version: rowVersion,
      })),
    );
  }

  async #command(sql: string): Promise<void> {
    await this.#db.command({ name: "test.history", sql });
  }
}
