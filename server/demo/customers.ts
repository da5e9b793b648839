import type { DemoProfile } from "./demo-tenants";
import type { Place } from "./phrases/phrase-book";
import type { Random } from "./random";
import type { DemoEvent, Row } from "./row";
import { dialects } from "./source-dialect";
import { DAY, MINUTE, type WorkingHours } from "./working-hours";

/** A person at a customer, for tickets to name. */
export interface DemoContact {
  id: string | number;
  name: string;
  /** ms UTC, from and to; a contact who stays has `until` at infinity. */
  from: number;
  until: number;
}

export interface DemoCompany {
  id: string | number;
  /** Names over time, oldest first. */
  names: { from: number; name: string }[];
  /** Larger customers open more tickets. */
  weight: number;
  from: number;
  until: number;
  contacts: DemoContact[];
}

export interface DemoMember {
  id: string | number;
  name: string;
}

export interface Customers {
  companies: DemoCompany[];
  members: DemoMember[];
  /** All states of companies and contacts, not sorted. */
  events: DemoEvent[];
}

interface Span {
  start: number;
  end: number;
}

/**
 * The customers of a demo tenant over a span of time (ms UTC): who they are, how their records
 * changed, and who left.
 */
export function makeCustomers(
  profile: DemoProfile,
  random: Random,
  hours: WorkingHours,
  span: Span,
): Customers {
  const dialect = dialects[profile.source];
  const events: DemoEvent[] = [];
  const companies: DemoCompany[] = [];
  const names = companyNames(profile, random);
  let contactSequence = 1000;

  for (let index = 0; index < profile.companyCount; index += 1) {
    const name = names[index] ?? `${random.pick(profile.phrases.lastNames)} ${index}`;
    const created = random.chance(0.82)
      ? span.start + random.int(1, 600) * MINUTE
      : momentIn(span, random, hours);
    const company = makeCompany(profile, random, hours, {
      name,
      id: dialect.id("company", 200 + index, random),
      created,
      end: span.end,
      events,
    });
    companies.push(company.company);

    const count = random.int(...profile.contactRange);
    for (let person = 0; person < count; person += 1) {
      contactSequence += 1;
      const id = dialect.id("contact", contactSequence, random);
      company.company.contacts.push(
        makeContact(profile, random, hours, {
          id,
          company: company.company,
          companyRow: company.row,
          end: span.end,
          events,
        }),
      );
    }
  }

  const members = Array.from({ length: profile.memberCount }, (_, index) => ({
    id: dialect.id("member", 11 + index, random),
    name: `${random.pick(profile.phrases.firstNames)} ${random.pick(profile.phrases.lastNames)}`,
  }));
  return { companies, members, events };
}

/** The name a company went by at an instant. */
export function nameAt(company: DemoCompany, at: number): string {
  return company.names.findLast(({ from }) => from <= at)?.name ?? company.names[0]?.name ?? "";
}

function makeCompany(
  profile: DemoProfile,
  random: Random,
  hours: WorkingHours,
  given: { name: string; id: string | number; created: number; end: number; events: DemoEvent[] },
): { company: DemoCompany; row: Row } {
  const { phrases } = profile;
  const place = random.pick(phrases.places);
  const employees = random.pick([4, 8, 12, 18, 25, 35, 60, 120, 240]) + random.int(0, 9);
  const company: DemoCompany = {
    id: given.id,
    names: [{ from: given.created, name: given.name }],
    weight: Math.sqrt(employees),
    from: given.created,
    until: Infinity,
    contacts: [],
  };
  let own: DemoEvent[] = [];
  let row: Row = {
    company_id: given.id,
    company_name: given.name,
    company_identifier: slug(given.name).slice(0, 12).toUpperCase(),
    company_type: random.weighted([
      ["Client", 9],
      ["Client / Managed", 6],
      ["Prospect", 1],
    ]),
    status: "Active",
    address_line1: streetAddress(profile, random),
    address_line2: random.chance(0.12)
      ? random.pick(["2. OG", "Suite 210", "Etage 3", "Building B"])
      : null,
    city: place.city,
    state: place.state,
    zip: place.zip,
    country: phrases.country,
    phone_number: phoneNumber(place, random),
    website: `https://www.${slug(given.name)}.${phrases.domainEnd}`,
    annual_revenue: (employees * random.int(62_000, 185_000) + random.int(0, 99) / 100).toFixed(2),
    number_of_employees: employees,
  };
  const record = (at: number, change: Row): void => {
    row = { ...row, ...change };
    own.push({ table: "companies", at, row });
  };
  record(given.created, {});
  const firstRow = row;

  const years = (given.end - given.created) / (365 * DAY);
  for (const at of moments(
    given.created + 20 * DAY,
    given.end,
    Math.round(years * 1.6 * random.next() * 2),
    random,
    hours,
  )) {
    const kind = random.weighted([
      ["size", 5],
      ["phone", 3],
      ["address", 2],
      ["hold", 2],
      ["name", 1],
    ]);
    if (kind === "size") {
      const number = Math.max(
        2,
        Math.round(Number(row["number_of_employees"]) * (0.9 + random.next() * 0.25)),
      );
      record(at, {
        number_of_employees: number,
        annual_revenue: (number * random.int(62_000, 185_000)).toFixed(2),
      });
    } else if (kind === "phone") {
      record(at, { phone_number: phoneNumber(place, random) });
    } else if (kind === "address") {
      record(at, { address_line1: streetAddress(profile, random), address_line2: null });
    } else if (kind === "hold") {
      record(at, { status: row["status"] === "Active" ? "On hold" : "Active" });
    } else {
      const stem = given.name.replace(
        /,? (GmbH.*|& Partner.*|& Söhne.*|AS|DA|ANS|KF|KG|AG|e\.K\.|gGmbH|LLC|Inc\.|LLP|Co\.)$/,
        "",
      );
      const name = `${stem} ${random.pick(phrases.newNameEnds)}`;
      company.names.push({ from: at, name });
      record(at, { company_name: name });
    }
  }

  if (random.chance(0.07) && years > 0.5) {
    const left = given.created + (given.end - given.created) * (0.3 + random.next() * 0.5);
    company.until = hours.nextWorkingMoment(left, random);
    own = own.filter(({ at }) => at < company.until);
    const last = own.at(-1)?.row ?? firstRow;
    own.push({ table: "companies", at: company.until, row: { ...last, status: "Inactive" } });
    const gone = company.until + random.int(20, 60) * DAY;
    own.push({ table: "companies", at: gone, row: { company_id: given.id, _deleted: true } });
    // Some come back after all.
    const back = gone + random.int(15, 45) * DAY;
    if (random.chance(0.3))
      own.push({ table: "companies", at: back, row: { ...firstRow, company_type: "Client" } });
  }
  given.events.push(...own.filter(({ at }) => at < given.end));
  return { company, row: firstRow };
}

function makeContact(
  profile: DemoProfile,
  random: Random,
  hours: WorkingHours,
  given: {
    id: string | number;
    company: DemoCompany;
    companyRow: Row;
    end: number;
    events: DemoEvent[];
  },
): DemoContact {
  const { phrases } = profile;
  const { company, companyRow } = given;
  const end = Math.min(given.end, company.until);
  const first = random.pick(phrases.firstNames);
  const last = random.pick(phrases.lastNames);
  const domain = String(companyRow["website"]).replace("https://www.", "");
  const place =
    phrases.places.find(({ city }) => city === companyRow["city"]) ?? random.pick(phrases.places);
  const created = random.chance(0.75)
    ? company.from + random.int(5, 300) * MINUTE
    : momentIn({ start: company.from, end: Math.max(end, company.from + DAY) }, random, hours);
  const leaves = random.chance(0.09) ? created + random.int(40, 600) * DAY : Infinity;
  const contact: DemoContact = {
    id: given.id,
    name: `${first} ${last}`,
    from: created,
    until: Math.min(leaves, end === given.end ? Infinity : end),
  };

  let row: Row = {
    contact_id: given.id,
    company_id: company.id,
    company_name: nameAt(company, created),
    first_name: first,
    last_name: last,
    title: random.pick(phrases.titles),
    department: random.chance(0.85) ? random.pick(phrases.departments) : null,
    default_email_address: `${slug(first)}.${slug(last)}@${domain}`,
    default_phone_number: random.chance(0.8) ? phoneNumber(place, random) : null,
    address_line1: companyRow["address_line1"] ?? null,
    city: place.city,
    state: place.state,
    zip: place.zip,
    country: phrases.country,
  };
  if (created >= given.end) return contact;
  given.events.push({ table: "contacts", at: created, row });

  const until = Math.min(contact.until, given.end);
  const changes = Math.round(((until - created) / (365 * DAY)) * 1.1 * random.next() * 2);
  for (const at of moments(created + 5 * DAY, until, changes, random, hours)) {
    const change = random.weighted<() => Row>([
      [() => ({ title: random.pick(phrases.titles) }), 3],
      [() => ({ department: random.pick(phrases.departments) }), 2],
      [() => ({ default_phone_number: phoneNumber(place, random) }), 4],
      [
        () => ({
          company_name: nameAt(company, at),
          address_line1: streetAddress(profile, random),
        }),
        1,
      ],
    ]);
    row = { ...row, ...change() };
    given.events.push({ table: "contacts", at, row });
  }
  if (leaves < given.end)
    given.events.push({
      table: "contacts",
      at: leaves,
      row: { contact_id: given.id, _deleted: true },
    });
  return contact;
}

/** Distinct believable names, as many as the profile has companies and the patterns can give. */
function companyNames(profile: DemoProfile, random: Random): string[] {
  const { companyNames: patterns, lastNames, places } = profile.phrases;
  const names = patterns.flatMap((pattern) =>
    pattern.includes("{surname}")
      ? lastNames.map((surname) => pattern.replace("{surname}", surname))
      : places.map(({ city }) => pattern.replace("{city}", city)),
  );
  const complete = names.map((name) => name.replace("{city}", random.pick(places).city));
  return [...new Set(random.shuffle(complete))].slice(0, profile.companyCount);
}

function streetAddress({ phrases }: DemoProfile, random: Random): string {
  const street = random.pick(phrases.streets);
  const number = random.int(1, 180);
  return phrases.numberFirst ? `${number} ${street}` : `${street} ${number}`;
}

function phoneNumber(place: Place, random: Random): string {
  return `${place.dialCode} ${random.int(200, 999)} ${random.int(1000, 9999)}`;
}

function momentIn(span: Span, random: Random, hours: WorkingHours): number {
  return hours.nextWorkingMoment(span.start + random.next() * (span.end - span.start), random);
}

/** Working moments in a span, ascending. */
function moments(
  start: number,
  end: number,
  count: number,
  random: Random,
  hours: WorkingHours,
): number[] {
  if (end <= start) return [];
  return Array.from({ length: count }, () => momentIn({ start, end }, random, hours))
    .filter((at) => at < end)
    .sort((a, b) => a - b);
}

/** Text for a domain or an address: ASCII letters, digits and hyphens. */
export function slug(text: string): string {
  const spelled = text
    .toLowerCase()
    .replaceAll(/[äæ]/g, "ae")
    .replaceAll(/[öø]/g, "oe")
    .replaceAll("ü", "ue")
    .replaceAll("ß", "ss")
    .replaceAll("å", "aa")
    .replaceAll("þ", "th")
    .replaceAll("ð", "d")
    .replaceAll("ı", "i")
    .normalize("NFD");
  return spelled
    .replaceAll(/[\u0300-\u036f'’.]/g, "")
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
}
