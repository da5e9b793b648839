import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import path from "node:path";
import { tableNames } from "@/lib/catalog";
import { type Customers, makeCustomers } from "./customers";
import {
  type DemoProfile,
  type DemoTenant,
  demoProfile,
  demoProfiles,
  describeTenant,
} from "./demo-tenants";
import { encodeObject, type Line, type ObjectFormat } from "./encode-object";
import { compactStamp, landObject } from "./land-object";
import { type LandingSlot, landingSlots } from "./landing-slots";
import { incrementKey, sourceRow } from "./pipeline-object";
import { type Random, seededRandom } from "./random";
import type { DemoEvent, Row } from "./row";
import { spoilRecord } from "./spoil-record";
import { openTicketDesk } from "./tickets";
import { DAY, MINUTE, workingHours } from "./working-hours";

/** The faults of transport that one tenant's pipeline shows, so that the console has them to show. */
const FAULTY_TENANT = "harbor-point";

/** The month, by its place, whose ticket object was delivered a second time under another key. */
const DELIVERED_TWICE: Readonly<Record<string, number>> = { "bergmann-it": 15, "harbor-point": 8 };

/** Every so many records one reaches the store late, by days or weeks. */
const LATE_SHARE = 0.006;
const HALF_A_DAY = DAY / 2;

/**
 * Lands the canonical objects of three demo tenants in a local store: two years of companies,
 * contacts, tickets and time entries that end near `now`, with edits, late and repeated records,
 * deletes, full extracts at one tenant, and a few per cent of records that validation must reject.
 * The same seed and `now` give the same bytes. A tenant appears in the store whole or not at all; one
 * that is there already is left as it is, so that a seeding cut short is mended by seeding again.
 *
 * @param storeDir the store's directory; made when it is not there
 * @param options.now the moment up to which objects have landed; the clock's by default
 * @param options.tenantIds the demo tenants wanted; all by default
 * @returns the tenants, for the console to register
 * @throws when the directory cannot be written, or a tenant id is no demo tenant's
 */
export async function seedDemoStore(
  storeDir: string,
  options: { seed?: number; now?: Date; tenantIds?: readonly string[] } = {},
): Promise<DemoTenant[]> {
  const now = (options.now ?? new Date()).getTime();
  const building = path.join(storeDir, ".seeding");
  await rm(building, { recursive: true, force: true });
  const profiles = options.tenantIds?.map(demoProfile) ?? demoProfiles;
  for (const profile of profiles) {
    const folder = path.join(storeDir, profile.tenantId);
    if (existsSync(folder)) continue;
    await seedTenant(
      building,
      profile,
      seededRandom(options.seed ?? 1).fork(profile.tenantId),
      now,
    );
    await rename(path.join(building, profile.tenantId), folder);
  }
  await rm(building, { recursive: true, force: true });
  return profiles.map(describeTenant);
}

async function seedTenant(
  storeDir: string,
  profile: DemoProfile,
  random: Random,
  now: number,
): Promise<void> {
  const hours = workingHours(profile.timeZone);
  const { start, slots } = landingSlots(now, profile.landEveryMinutes);
  const end = slots.at(-1)?.end ?? now;
  const customers = makeCustomers(profile, random.fork("customers"), hours, { start, end });
  const desk = openTicketDesk(profile, random.fork("tickets"), hours, customers);
  const waiting = new WaitingEvents(slots, random.fork("late"));
  const lander = new SlotLander(storeDir, profile, random.fork("landing"), slots);

  for (const event of customers.events) if (isTold(profile, event)) waiting.add(event);

  let next = 0;
  const lastDay = hours.localDay(end);
  for (let day = hours.localDay(start); day <= lastDay; day += 1) {
    const growth = 0.82 + 0.36 * ((hours.instant(day, 0) - start) / (end - start));
    // The newest objects are what a visitor looks at first: they are never as quiet as a Sunday.
    const busyness = Math.max(hours.busyness(day), day >= lastDay - 1 ? 0.6 : 0) * growth;
    for (const event of desk.day(day, busyness, end))
      if (isTold(profile, event)) waiting.add(event);
    // Later days can add nothing before their own midnight.
    for (
      const tomorrow = hours.instant(day + 1, 0);
      (slots[next]?.end ?? Infinity) < tomorrow;
      next += 1
    ) {
      await lander.land(next, waiting.take(next));
    }
  }
  for (; next < slots.length; next += 1) await lander.land(next, waiting.take(next));
  if (profile.fullExtracts) await landExtracts(storeDir, profile, customers, { start, end });
}

/** Whether increments tell of an event: of what is gone they do not where extracts do, or where CSV has no word for it. */
function isTold(profile: DemoProfile, { table, row }: DemoEvent): boolean {
  const inExtracts = profile.fullExtracts && table === "companies";
  return !(row["_deleted"] && (inExtracts || profile.format(table, "day").startsWith("csv")));
}

/** Events that wait for their slot to land, by slot and table. */
class WaitingEvents {
  readonly #bySlot = new Map<number, DemoEvent[]>();
  readonly #slots: readonly LandingSlot[];
  readonly #random: Random;

  constructor(slots: readonly LandingSlot[], random: Random) {
    this.#slots = slots;
    this.#random = random;
  }

  /** An event after the last slot has not landed yet and is dropped. */
  add(event: DemoEvent): void {
    let slot = this.#slotOf(event.at);
    if (slot === null) return;
    // The opening of a ticket is always in time, so that the greatest number is among the newest objects.
    if (event.row["status"] !== "New" && this.#random.chance(LATE_SHARE)) {
      slot = this.#slotOf(event.at + this.#random.int(1, 20) * DAY) ?? slot;
    }
    const waiting = this.#bySlot.get(slot);
    if (waiting) waiting.push(event);
    else this.#bySlot.set(slot, [event]);
  }

  /** The events of a slot in the order of their time; they wait no longer. */
  take(slot: number): DemoEvent[] {
    const events = this.#bySlot.get(slot) ?? [];
    this.#bySlot.delete(slot);
    return events.sort((a, b) => a.at - b.at);
  }

  #slotOf(at: number): number | null {
    let low = 0;
    let high = this.#slots.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#slots[middle]?.end ?? Infinity) < at) low = middle + 1;
      else high = middle;
    }
    return low < this.#slots.length ? low : null;
  }
}

/** Writes the objects of one slot after the other, as the pipeline of the tenant would. */
class SlotLander {
  readonly #storeDir: string;
  readonly #profile: DemoProfile;
  readonly #random: Random;
  readonly #slots: readonly LandingSlot[];
  /** The last records of each table, for windows that overlap. */
  readonly #recent = new Map<string, Row[]>();
  #hasCutObject = false;
  #hasCutLine = false;

  constructor(
    storeDir: string,
    profile: DemoProfile,
    random: Random,
    slots: readonly LandingSlot[],
  ) {
    this.#storeDir = storeDir;
    this.#profile = profile;
    this.#random = random;
    this.#slots = slots;
  }

  async land(index: number, events: readonly DemoEvent[]): Promise<void> {
    const slot = this.#slots[index];
    if (!slot) throw new Error(`no slot ${index}`);
    for (const table of tableNames) {
      const rows = events
        .filter((event) => event.table === table)
        .map((event) => sourceRow(this.#profile, event, slot.end));
      const recent = this.#recent.get(table) ?? [];
      const repeated = this.#overlap(slot, rows.length, recent);
      if (rows.length > 0) this.#recent.set(table, [...recent, ...rows].slice(-6));
      const lines: Line[] = [...repeated, ...rows].map((row) =>
        this.#random.chance(this.#profile.badShare) ? spoilRecord(table, row, this.#random) : row,
      );
      if (lines.length > 0) await this.#write(table, slot, index, lines);
    }
  }

  /** What an object repeats of the one before. A table with nothing new still lands at the very end. */
  #overlap(slot: LandingSlot, newRows: number, recent: readonly Row[]): Row[] {
    const last = this.#slots.at(-1)?.end ?? slot.end;
    const lively =
      slot.span === "window" && slot.end > last - HALF_A_DAY && this.#random.chance(0.2);
    const repeats =
      newRows > 0 ? this.#random.chance(this.#profile.overlapChance) : lively || slot.end === last;
    return repeats ? recent.slice(-this.#random.int(1, 4)) : [];
  }

  async #write(
    table: string,
    slot: LandingSlot,
    index: number,
    lines: readonly Line[],
  ): Promise<void> {
    const format = this.#profile.format(table, slot.span);
    const cut =
      this.#profile.tenantId === FAULTY_TENANT && slot.span === "day" && lines.length >= 6;
    if (cut && table === "tickets" && !this.#hasCutLine) {
      this.#hasCutLine = true;
      const torn = JSON.stringify(lines.at(-1));
      await this.#put(table, slot.end, 1, format, [
        ...lines,
        torn.slice(0, Math.floor(torn.length * 0.6)),
      ]);
      return;
    }
    await this.#put(table, slot.end, 1, format, lines);
    if (cut && table === "time_entries" && !this.#hasCutObject) {
      this.#hasCutObject = true;
      await this.#put(table, slot.end, 2, format, lines, 0.6);
    }
    if (table === "tickets" && DELIVERED_TWICE[this.#profile.tenantId] === index) {
      await this.#put(table, slot.end + DAY + 2 * 60 * MINUTE, 1, format, lines);
    }
  }

  /** Lands one object; `share` below 1 cuts its bytes off there. */
  async #put(
    table: string,
    stamp: number,
    number: number,
    format: ObjectFormat,
    lines: readonly Line[],
    share = 1,
  ): Promise<void> {
    const { extension, bytes } = await encodeObject(table, format, lines);
    const whole = share === 1 ? bytes : bytes.subarray(0, Math.floor(bytes.length * share));
    await landObject(
      this.#storeDir,
      incrementKey(this.#profile, table, stamp, number, extension),
      whole,
    );
  }
}

/** Complete extracts of companies: every Sunday over the years, every night of the last two weeks. */
async function landExtracts(
  storeDir: string,
  profile: DemoProfile,
  customers: Customers,
  span: { start: number; end: number },
): Promise<void> {
  const events = customers.events
    .filter(({ table }) => table === "companies")
    .sort((a, b) => a.at - b.at);
  const alive = new Map<string, DemoEvent>();
  let next = 0;
  for (let instant = span.start + DAY + 60 * MINUTE; instant <= span.end; instant += DAY) {
    const weekly = new Date(instant).getUTCDay() === 0;
    if (!weekly && instant < span.end - 14 * DAY) continue;
    for (let event = events[next]; event && event.at <= instant; next += 1, event = events[next]) {
      const id = String(event.row["company_id"]);
      if (event.row["_deleted"]) alive.delete(id);
      else alive.set(id, event);
    }
    const folder = `${profile.tenantId}/canonical/companies/full/${compactStamp(instant)}/`;
    const rows = [...alive.values()].map((event) => sourceRow(profile, event, instant));
    const { extension, bytes } = await encodeObject("companies", "json.gz", rows);
    await landObject(storeDir, `${folder}part-0001.${extension}`, bytes);
    await landObject(storeDir, `${folder}_SUCCESS`, new Uint8Array());
  }
}
