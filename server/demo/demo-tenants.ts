import type { ObjectFormat } from "./encode-object";
import { english } from "./phrases/english";
import { german } from "./phrases/german";
import { nordic } from "./phrases/nordic";
import type { PhraseBook } from "./phrases/phrase-book";
import type { SourceSystem } from "./source-dialect";

/** What the console needs to register a demo tenant. */
export interface DemoTenant {
  tenantId: string;
  name: string;
  source: SourceSystem;
  /** IANA name. */
  timeZone: string;
}

/** How much a demo tenant does and how its pipeline behaves. */
export interface DemoProfile extends DemoTenant {
  phrases: PhraseBook;
  companyCount: number;
  /** Contacts of one company, least and most. */
  contactRange: readonly [number, number];
  memberCount: number;
  ticketsPerWorkday: number;
  /** How often the pipeline lands what is new. */
  landEveryMinutes: number;
  /** The share of records that break a rule. */
  badShare: number;
  /** The chance that an object begins with the last records of the one before it. */
  overlapChance: number;
  /** Whether companies also come as complete extracts, weekly and of late nightly. */
  fullExtracts: boolean;
  /** Formats of objects that span a month, a day and a window, by table. */
  format(table: string, span: "month" | "day" | "window"): ObjectFormat;
}

export const demoProfiles: readonly DemoProfile[] = [
  {
    tenantId: "bergmann-it",
    name: "Bergmann IT-Service",
    source: "connectwise",
    timeZone: "Europe/Berlin",
    phrases: german,
    companyCount: 92,
    contactRange: [3, 16],
    memberCount: 14,
    ticketsPerWorkday: 5.2,
    landEveryMinutes: 15,
    badShare: 0.014,
    overlapChance: 0.35,
    fullExtracts: false,
    format: (_table, span) => (span === "month" ? "ndjson.gz" : "ndjson"),
  },
  {
    tenantId: "harbor-point",
    name: "Harbor Point Managed Services",
    source: "servicenow",
    timeZone: "America/New_York",
    phrases: english,
    companyCount: 64,
    contactRange: [4, 18],
    memberCount: 11,
    ticketsPerWorkday: 4.6,
    landEveryMinutes: 15,
    badShare: 0.028,
    overlapChance: 0.15,
    fullExtracts: false,
    format: (_table, span) =>
      span === "month" ? "jsonl.zst" : span === "day" ? "jsonl.gz" : "jsonl",
  },
  {
    tenantId: "fjordtech",
    name: "Fjordtech Drift",
    source: "salesforce",
    timeZone: "Europe/Oslo",
    phrases: nordic,
    companyCount: 28,
    contactRange: [3, 14],
    memberCount: 6,
    ticketsPerWorkday: 2.2,
    landEveryMinutes: 30,
    badShare: 0.009,
    overlapChance: 0.2,
    fullExtracts: true,
    format: (table, span) => {
      if (table === "time_entries") return span === "month" ? "csv.gz" : "csv";
      return span === "month" ? "json.gz" : "json";
    },
  },
];

/**
 * The profile of a demo tenant.
 *
 * @throws when no demo tenant has that id
 */
export function demoProfile(tenantId: string): DemoProfile {
  const profile = demoProfiles.find((candidate) => candidate.tenantId === tenantId);
  if (!profile) throw new Error(`${tenantId} is not a demo tenant`);
  return profile;
}

/** The public part of a profile. */
export function describeTenant({ tenantId, name, source, timeZone }: DemoProfile): DemoTenant {
  return { tenantId, name, source, timeZone };
}
