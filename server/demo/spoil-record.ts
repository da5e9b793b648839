import type { Random } from "./random";
import type { Row } from "./row";

type Spoil = (row: Row, random: Random) => Row;

/** How records of each table go wrong in life: keyboards, exports, and fields used for notes. */
const SPOILS: Readonly<Record<string, readonly Spoil[]>> = {
  companies: [
    (row, random) => ({
      ...row,
      annual_revenue: random.pick(["1.250.000,00", "1,2 Mio.", "unknown", "ca. 900000"]),
    }),
    (row, random) => ({
      ...row,
      number_of_employees: random.pick(["ca. 40", "25-50", "-5", "twelve"]),
    }),
    (row) => ({ ...row, status: null }),
    (row) => ({ ...row, company_name: "" }),
  ],
  contacts: [
    (row, random) => {
      const address = String(row["default_email_address"] ?? "info@example.com");
      const wrong = [
        address.replace("@", "(at)"),
        address.replace(/@.*$/, "@"),
        `${address};${address}`,
        "n/a",
        address.replace("@", " @"),
      ];
      return { ...row, default_email_address: random.pick(wrong) };
    },
    (row) => ({ ...row, company_id: null }),
    (row) => ({ ...row, company_id: "" }),
  ],
  tickets: [
    (row, random) => ({
      ...row,
      actual_hours: random.pick(["1,5", "0,75", "2,25", "3:30", "1.5h"]),
    }),
    (row, random) => ({
      ...row,
      created_date: random.pick([
        "31.02.2025 09:15",
        "2025-02-30T08:00:00Z",
        "0000-00-00 00:00:00",
        "gestern",
        "2025-13-04",
      ]),
    }),
    (row, random) => ({ ...row, budget_hours: random.pick(["TBD", "8 - 12", "4,0"]) }),
    (row) => ({ ...row, status: null }),
    (row) => ({ ...row, ticket_id: "" }),
  ],
  time_entries: [
    (row, random) => ({ ...row, actual_hours: random.pick(["0,75", "1,25", "0:45", "1/2"]) }),
    (row) => ({ ...row, time_start: `${String(row["time_start"]).slice(0, 10)}T24:75:00Z` }),
    (row, random) => ({
      ...row,
      date_entered: random.pick(["2025-13-04", "n.v.", "29.02.2025", "00:00"]),
    }),
    (row) => ({ ...row, entry_id: null }),
  ],
};

/**
 * A record with one fault that validation must find, or the record itself when it is a delete marker.
 *
 * @throws when the table has no known faults
 */
export function spoilRecord(table: string, row: Row, random: Random): Row {
  const spoils = SPOILS[table];
  if (!spoils) throw new Error(`no faults for ${table}`);
  return row["_deleted"] === true ? row : random.pick(spoils)(row, random);
}
