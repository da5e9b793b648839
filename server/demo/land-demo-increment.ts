import { existsSync } from "node:fs";
import path from "node:path";
import type { DemoMember } from "./customers";
import { demoProfile, type DemoProfile } from "./demo-tenants";
import { encodeObject } from "./encode-object";
import { landObject } from "./land-object";
import { incrementKey, sourceRow } from "./pipeline-object";
import { type Random, seededRandom } from "./random";
import { recentRecords } from "./recent-records";
import type { DemoEvent, Row } from "./row";
import { dialects } from "./source-dialect";
import { spoilRecord } from "./spoil-record";
import { nextStep, takeStep } from "./ticket-steps";
import { ticketRow } from "./tickets";
import { makeTimeEntry } from "./time-entry";
import { MINUTE } from "./working-hours";

const TABLES = ["companies", "contacts", "tickets", "time_entries"] as const;

/** What this increment looks back on: the minutes before it. */
const WINDOW_MINUTES = 14;

/**
 * Lands one more increment of a demo tenant: open tickets move on, a few are opened, work is
 * entered, now and then a contact or a company changes. It goes on from what the store holds, so it
 * can be called again and again; the same store, tenant and instant give the same objects.
 *
 * @param storeDir a store that `seedDemoStore` has filled
 * @param at the stamp of the objects; no record is newer
 * @returns the keys of the objects that landed, in the order of landing
 * @throws when the tenant is not a demo tenant, the store holds no tickets of it, or an increment of
 *   that instant has landed before
 */
export async function landDemoIncrement(
  storeDir: string,
  tenantId: string,
  at: Date,
): Promise<string[]> {
  const profile = demoProfile(tenantId);
  const stamp = at.getTime();
  const random = seededRandom(stamp / 1000).fork(tenantId);
  const tickets = (await recentRecords(storeDir, tenantId, "tickets")).filter(isWhole);
  if (tickets.length === 0)
    throw new Error(`${storeDir} holds no tickets of ${tenantId}: seed the demo store first`);
  const entries = await recentRecords(storeDir, tenantId, "time_entries");

  const events = [
    ...ticketEvents(profile, random, stamp, tickets, entries),
    ...(await customerEvents(storeDir, profile, random, stamp)),
  ].sort((a, b) => a.at - b.at);

  const keys: string[] = [];
  for (const table of TABLES) {
    const lines = events
      .filter((event) => event.table === table)
      .map((event) => sourceRow(profile, event, stamp))
      .map((row) => (random.chance(profile.badShare) ? spoilRecord(table, row, random) : row));
    if (lines.length === 0) continue;
    const { extension, bytes } = await encodeObject(table, profile.format(table, "window"), lines);
    const key = incrementKey(profile, table, stamp, 1, extension);
    if (existsSync(path.join(storeDir, key)))
      throw new Error(`${key} has landed already: objects are never replaced`);
    await landObject(storeDir, key, bytes);
    keys.push(key);
  }
  return keys;
}

/** New and moved tickets, and the time entries of the work that moved them. */
function ticketEvents(
  profile: DemoProfile,
  random: Random,
  stamp: number,
  tickets: readonly Row[],
  entries: readonly Row[],
): DemoEvent[] {
  const events: DemoEvent[] = [];
  const dialect = dialects[profile.source];
  const members = membersOf(tickets);
  const moment = (): number => stamp - random.int(30, WINDOW_MINUTES * 60) * 1000;
  let ticketSequence = Math.max(...tickets.map((row) => digits(row["ticket_number"])));
  // Only sources with numbered ids count their entries up.
  let entrySequence =
    profile.source === "connectwise"
      ? Math.max(0, ...entries.map((row) => digits(row["entry_id"])))
      : 0;

  const enter = (
    endedAt: number,
    minutes: number,
    member: DemoMember,
    customer: { id: string | number | null; name: string | null },
    notes: string,
  ): void => {
    const enteredAt = Math.min(stamp, endedAt + MINUTE);
    entrySequence += 1;
    const id = dialect.id("entry", entrySequence, random);
    const workType = random.pick(profile.phrases.issues).workType;
    events.push({
      table: "time_entries",
      at: enteredAt,
      row: makeTimeEntry(profile, random, {
        id,
        endedAt,
        enteredAt,
        minutes,
        workType,
        member,
        customer,
        notes,
      }),
    });
  };

  const open = tickets.filter(
    (row) =>
      row["status"] !== "Closed" &&
      String(row["last_updated"]) < dialect.time(stamp - WINDOW_MINUTES * MINUTE),
  );
  for (const ticket of random.shuffle(open).slice(0, random.int(3, 7))) {
    const step = nextStep(ticket, profile.source, random);
    if (!step) continue;
    const at = moment();
    const { row, workedMinutes } = takeStep(ticket, step, {
      at,
      source: profile.source,
      members,
      minutes: [15, 75],
      random,
    });
    events.push({ table: "tickets", at, row });
    const member = members.find(({ id }) => id === row["owner_id"]);
    if (workedMinutes > 0 && member) {
      const customer = { id: idOf(row["company_id"]), name: textOf(row["company_name"]) };
      enter(at, workedMinutes, member, customer, random.pick(profile.phrases.notes));
    }
  }
  // Every increment brings a time entry, if only one for work inside the house.
  if (members.length > 0 && !events.some(({ table }) => table === "time_entries")) {
    enter(
      moment(),
      15,
      random.pick(members),
      { id: null, name: null },
      random.pick(profile.phrases.internalNotes),
    );
  }

  const callers = tickets.filter((row) => row["contact_id"] !== null);
  for (let count = random.int(1, 3); count > 0; count -= 1) {
    const caller = random.pick(callers.length > 0 ? callers : tickets);
    const openedAt = moment();
    ticketSequence += 1;
    const companyId = idOf(caller["company_id"]) ?? "";
    const contactId = idOf(caller["contact_id"]);
    const kind = random.pick(profile.phrases.issues);
    const row = ticketRow(profile, random, {
      kind,
      openedAt,
      sequence: ticketSequence,
      company: { id: companyId, name: textOf(caller["company_name"]) ?? "" },
      contact:
        kind.alert || contactId === null
          ? null
          : { id: contactId, name: textOf(caller["contact_name"]) ?? "" },
    });
    events.push({ table: "tickets", at: openedAt, row });
  }
  return events;
}

/** Now and then a contact gets another title or a company grows. */
async function customerEvents(
  storeDir: string,
  profile: DemoProfile,
  random: Random,
  stamp: number,
): Promise<DemoEvent[]> {
  const events: DemoEvent[] = [];
  const change = async (
    table: string,
    idColumn: string,
    edit: (row: Row) => Row,
  ): Promise<void> => {
    const rows = (await recentRecords(storeDir, profile.tenantId, table)).filter(
      (row) => !row["_deleted"] && row[idColumn],
    );
    if (rows.length === 0) return;
    const row = random.pick(rows);
    events.push({
      table,
      at: stamp - random.int(30, WINDOW_MINUTES * 60) * 1000,
      row: { ...row, ...edit(row) },
    });
  };
  if (random.chance(0.4)) {
    await change("contacts", "contact_id", () => ({
      title: random.pick(profile.phrases.titles),
      department: random.pick(profile.phrases.departments),
    }));
  }
  if (random.chance(0.2)) {
    await change("companies", "company_id", () => ({ number_of_employees: random.int(5, 260) }));
  }
  return events;
}

/** A record that can be carried on: neither a delete marker nor one that was spoilt on purpose. */
function isWhole(row: Row): boolean {
  return (
    row["_deleted"] !== true &&
    typeof row["status"] === "string" &&
    typeof row["ticket_number"] === "string" &&
    Number.isFinite(Number(row["actual_hours"])) &&
    /^\d{4}-[01]\d-[0-3]\dT? ?\d\d:/.test(String(row["created_date"]))
  );
}

function membersOf(tickets: readonly Row[]): DemoMember[] {
  const members = new Map<string, DemoMember>();
  for (const row of tickets) {
    const id = idOf(row["owner_id"]);
    if (id !== null) members.set(String(id), { id, name: textOf(row["owner_name"]) ?? "" });
  }
  return [...members.values()];
}

function digits(value: Row[string] | undefined): number {
  return Number(String(value ?? "").replaceAll(/\D/g, "") || 0);
}

function idOf(value: Row[string] | undefined): string | number | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}

function textOf(value: Row[string] | undefined): string | null {
  return typeof value === "string" ? value : null;
}
