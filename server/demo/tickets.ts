import { type Customers, type DemoCompany, nameAt } from "./customers";
import type { DemoProfile } from "./demo-tenants";
import { fillPhrase } from "./fill-phrase";
import type { IssueKind } from "./phrases/phrase-book";
import type { Random } from "./random";
import type { DemoEvent, Row } from "./row";
import { dialects } from "./source-dialect";
import { nextStep, takeStep } from "./ticket-steps";
import { makeTimeEntry } from "./time-entry";
import { DAY, MINUTE, type WorkingHours } from "./working-hours";

/** Makes what happens on the days of a tenant, day by day, so that two years never lie in memory. */
export interface TicketDesk {
  /**
   * Everything that follows from the tickets opened on a local day, up to `until` (ms UTC): their
   * states and their time entries, some of it weeks later.
   *
   * @param busyness how many times an average workday
   */
  day(day: number, busyness: number, until: number): DemoEvent[];
}

/**
 * The service desk of a demo tenant. Days are to be asked for in order: numbers count up.
 */
export function openTicketDesk(
  profile: DemoProfile,
  random: Random,
  hours: WorkingHours,
  customers: Customers,
): TicketDesk {
  const dialect = dialects[profile.source];
  let ticketSequence = 10_200;
  let entrySequence = 48_000;

  const entriesFor = (
    work: {
      endedAt: number;
      minutes: number;
      workType: string;
      memberId: string | number;
      customer: { id: string | number | null; name: string | null };
      notes: string;
    },
    until: number,
  ): DemoEvent[] => {
    const member =
      customers.members.find(({ id }) => id === work.memberId) ?? random.pick(customers.members);
    entrySequence += 1;
    const enteredAt = work.endedAt + random.int(1, 25) * MINUTE;
    if (enteredAt > until) return [];
    const row = makeTimeEntry(profile, random, {
      ...work,
      id: dialect.id("entry", entrySequence, random),
      member,
      enteredAt,
    });
    const events: DemoEvent[] = [{ table: "time_entries", at: enteredAt, row }];
    if (random.chance(0.07)) {
      const corrected = random.weighted<() => Row>([
        [() => ({ actual_hours: dialect.hours(work.minutes / 60 + 0.25) }), 5],
        [
          () => ({
            billable_option: row["billable_option"] === "Billable" ? "DoNotBill" : "Billable",
          }),
          4,
        ],
        [() => ({ notes: `${work.notes} (${random.pick(profile.phrases.notes)})` }), 3],
      ]);
      events.push({
        table: "time_entries",
        at: hours.nextWorkingMoment(enteredAt + random.int(30, 9000) * MINUTE, random),
        row: { ...row, ...corrected() },
      });
    }
    if (random.chance(0.008)) {
      events.push({
        table: "time_entries",
        at: enteredAt + random.int(60, 20_000) * MINUTE,
        row: { entry_id: row["entry_id"] ?? "", _deleted: true },
      });
    }
    return events.filter(({ at }) => at <= until);
  };

  const ticketEvents = (openedAt: number, kind: IssueKind, until: number): DemoEvent[] => {
    const company = pickCompany(customers.companies, openedAt, random);
    if (!company) return [];
    ticketSequence += 1;
    let row = newTicket(profile, random, { company, kind, openedAt, sequence: ticketSequence });
    let at = openedAt;
    const events: DemoEvent[] = [{ table: "tickets", at, row }];
    const urgent = kind.alert === true || row["priority"] === dialect.priorities[0];

    // Mistakes and duplicates are removed before anybody works on them.
    if (random.chance(0.012)) {
      events.push({
        table: "tickets",
        at: at + random.int(10, 600) * MINUTE,
        row: { ticket_id: row["ticket_id"] ?? "", _deleted: true },
      });
      return events.filter((event) => event.at <= until);
    }

    for (
      let step = nextStep(row, profile.source, random);
      step;
      step = nextStep(row, profile.source, random)
    ) {
      const due = at + step.afterMinutes * MINUTE;
      const moment = urgent || step.kind === "close" ? due : hours.nextWorkingMoment(due, random);
      at = Math.max(Math.floor(moment / dialect.clockMs) * dialect.clockMs, at);
      if (at > until) break;
      const taken = takeStep(row, step, {
        at,
        source: profile.source,
        members: customers.members,
        minutes: kind.minutes,
        random,
      });
      row = taken.row;
      events.push({ table: "tickets", at, row });
      if (taken.workedMinutes > 0) {
        const customer = { id: company.id, name: nameAt(company, at) };
        events.push(
          ...entriesFor(
            {
              endedAt: at,
              minutes: taken.workedMinutes,
              workType: kind.workType,
              memberId: row["owner_id"] as string | number,
              customer,
              notes: random.pick(profile.phrases.notes),
            },
            until,
          ),
        );
      }
    }
    return events;
  };

  return {
    day(day, busyness, until) {
      const events: DemoEvent[] = [];
      const requests = profile.phrases.issues.filter(({ alert }) => !alert);
      const alerts = profile.phrases.issues.filter(({ alert }) => alert);
      const opened = [
        ...Array.from(
          { length: poisson(profile.ticketsPerWorkday * 0.86 * busyness, random) },
          () => ({
            minute: workingMinute(random),
            kind: random.pick(requests),
          }),
        ),
        // Machines fail at night and on Sundays as well.
        ...Array.from(
          { length: poisson(profile.ticketsPerWorkday * Math.max(0.14 * busyness, 0.06), random) },
          () => ({
            minute: random.int(0, 1439),
            kind: random.pick(alerts),
          }),
        ),
      ].sort((a, b) => a.minute - b.minute);

      for (const { minute, kind } of opened) {
        const openedAt =
          Math.floor((hours.instant(day, minute) + random.int(0, 59_999)) / dialect.clockMs) *
          dialect.clockMs;
        if (openedAt <= until) events.push(...ticketEvents(openedAt, kind, until));
      }
      for (const member of customers.members) {
        if (!random.chance(0.3 * Math.min(1, busyness))) continue;
        const endedAt = hours.instant(day, random.int(9 * 60, 17 * 60));
        const workType = profile.phrases.issues[0]?.workType ?? "Service";
        const work = {
          endedAt,
          minutes: random.int(1, 6) * 15,
          workType,
          memberId: member.id,
          customer: { id: null, name: null },
          notes: random.pick(profile.phrases.internalNotes),
        };
        events.push(...entriesFor(work, until));
      }
      return events;
    },
  };
}

/** A ticket as it is opened. */
export function newTicket(
  profile: DemoProfile,
  random: Random,
  given: { company: DemoCompany; kind: IssueKind; openedAt: number; sequence: number },
): Row {
  const { company, kind, openedAt } = given;
  const contact = random
    .shuffle(company.contacts)
    .find(({ from, until }) => from <= openedAt && openedAt < until);
  return ticketRow(profile, random, {
    kind,
    openedAt,
    sequence: given.sequence,
    company: { id: company.id, name: nameAt(company, openedAt) },
    contact: kind.alert || !contact ? null : contact,
  });
}

/** A new ticket of a kind, for a company and perhaps a contact, with words of the tenant's market. */
export function ticketRow(
  profile: DemoProfile,
  random: Random,
  given: {
    kind: IssueKind;
    openedAt: number;
    sequence: number;
    company: { id: string | number; name: string };
    contact: { id: string | number; name: string } | null;
  },
): Row {
  const dialect = dialects[profile.source];
  const { kind } = given;
  const filled = new Map<string, string>();
  const fill = (phrase: string): string => fillPhrase(phrase, profile.phrases, random, filled);
  const place = random.int(0, kind.summaries.length - 1);
  const priority = random.weighted(
    kind.priorities.map((weight, index) => [index, weight] as const),
  );
  return {
    ticket_id: dialect.id("ticket", given.sequence, random),
    ticket_number: dialect.ticketNumber(given.sequence),
    summary: fill(kind.summaries[place] ?? ""),
    description: random.chance(0.93) ? fill(kind.descriptions[place] ?? "") : null,
    status: "New",
    priority: dialect.priorities[priority] ?? null,
    severity: dialect.severities[priority] ?? null,
    company_id: given.company.id,
    company_name: given.company.name,
    contact_id: given.contact?.id ?? null,
    contact_name: given.contact?.name ?? null,
    owner_id: null,
    owner_name: null,
    created_date: dialect.time(given.openedAt),
    closed_date: null,
    budget_hours: kind.alert || random.chance(0.4) ? null : dialect.hours(random.int(1, 16) / 2),
    actual_hours: dialect.hours(0),
  };
}

function pickCompany(
  companies: readonly DemoCompany[],
  at: number,
  random: Random,
): DemoCompany | null {
  const active = companies.filter(({ from, until }) => from + DAY <= at && at < until);
  return active.length === 0
    ? null
    : random.weighted(active.map((company) => [company, company.weight] as const));
}

/** A minute of the day at which people call: two humps, one before and one after lunch. */
function workingMinute(random: Random): number {
  const middle = random.chance(0.58) ? 9.6 * 60 : 14.2 * 60;
  const spread = (random.next() + random.next() + random.next() - 1.5) * 190;
  return Math.min(1439, Math.max(6 * 60, Math.round(middle + spread)));
}

/** A count with the given mean (Knuth's product of uniforms; the means here are small). */
function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}
