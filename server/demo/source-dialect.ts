import type { Random } from "./random";

export type SourceSystem = "connectwise" | "servicenow" | "salesforce";

type RecordKind = "company" | "contact" | "ticket" | "entry" | "member" | "work type";

/** How a source system writes what every system has: ids, numbers, times, grades. */
export interface SourceDialect {
  /** A new id. `sequence` counts the records of a kind; systems with opaque ids draw one instead. */
  id(kind: RecordKind, sequence: number, random: Random): string | number;
  /** The number people quote, from the sequence. */
  ticketNumber(sequence: number): string;
  /** An instant (ms UTC) as the source writes it. */
  time(ms: number): string;
  /** Hours to two places. */
  hours(hours: number): string | number;
  /** The step, in ms, that the source's clock is read in. */
  clockMs: number;
  /** Labels for priority 1 to 4. */
  priorities: readonly [string, string, string, string];
  severities: readonly [string, string, string, string];
  /** The source's own names of the four tables. */
  tables: Readonly<Record<string, string>>;
}

const SALESFORCE_PREFIX: Record<RecordKind, string> = {
  company: "001",
  contact: "003",
  ticket: "500",
  entry: "a0T",
  member: "005",
  "work type": "08q",
};

const BASE62 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** The dialects of the three sources that the product reads. */
export const dialects: Readonly<Record<SourceSystem, SourceDialect>> = {
  connectwise: {
    id: (_kind, sequence) => sequence,
    ticketNumber: (sequence) => String(sequence),
    time: (ms) => `${new Date(ms).toISOString().slice(0, 19)}Z`,
    hours: (hours) => hours.toFixed(2),
    clockMs: 1000,
    priorities: [
      "Priority 1 - Critical",
      "Priority 2 - High",
      "Priority 3 - Medium",
      "Priority 4 - Low",
    ],
    severities: ["High", "High", "Medium", "Low"],
    tables: {
      companies: "company/companies",
      contacts: "company/contacts",
      tickets: "service/tickets",
      time_entries: "time/entries",
    },
  },
  servicenow: {
    id: (_kind, _sequence, random) =>
      Array.from({ length: 32 }, () => random.int(0, 15).toString(16)).join(""),
    ticketNumber: (sequence) => `INC${String(sequence).padStart(7, "0")}`,
    time: (ms) => new Date(ms).toISOString().slice(0, 19).replace("T", " "),
    hours: (hours) => hours,
    // Journal entries are read to the minute, so two states of a ticket can share an instant.
    clockMs: 60_000,
    priorities: ["1 - Critical", "2 - High", "3 - Moderate", "4 - Low"],
    severities: ["1 - High", "2 - Medium", "2 - Medium", "3 - Low"],
    tables: {
      companies: "core_company",
      contacts: "sys_user",
      tickets: "incident",
      time_entries: "time_card",
    },
  },
  salesforce: {
    id: (kind, _sequence, random) =>
      `${SALESFORCE_PREFIX[kind]}5g${Array.from({ length: 13 }, () => BASE62.charAt(random.int(0, 61))).join("")}`,
    ticketNumber: (sequence) => String(sequence).padStart(8, "0"),
    time: (ms) => new Date(ms).toISOString().replace("Z", "+0000"),
    hours: (hours) => hours,
    clockMs: 1000,
    priorities: ["Critical", "High", "Medium", "Low"],
    severities: ["S1", "S2", "S3", "S4"],
    tables: {
      companies: "Account",
      contacts: "Contact",
      tickets: "Case",
      time_entries: "Time_Entry__c",
    },
  },
};
