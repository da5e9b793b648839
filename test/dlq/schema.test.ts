import { afterAll, beforeAll, expect, it } from "vitest";

import { recordText } from "@/lib/record/apply-edit";
import { recordFaults } from "@/lib/record/record-schema";

import { LoadBench } from "../support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const NUMBERS = [
  "",
  " ",
  "0",
  "-0",
  " 7 ",
  "1.",
  ".5",
  "1,5",
  "1e3",
  "e3",
  ".",
  "1.5.5",
  "1E+2",
  "+1",
  "--1",
  "0x10",
  "NaN",
  "250.0",
  "250.5",
  "-1",
  "4294967295",
  "4294967296",
  "9999999999999999",
  "10000000000000000",
  "1_000",
];
const TIMES = [
  "",
  "2024-02-29",
  "2023-02-29",
  "2024-04-31",
  "2024-13-01",
  "2024-01-01T24:00:00",
  "2024-01-01T10:00",
  "2024-01-01 10:00:00.123456+02:00",
  "2024-01-01T10:00:00 Z",
  "2024-01-01T10:00:00+25:00",
  "2024-01-01Z",
  "01.02.2024",
  "1704067200",
  "yesterday",
];
const ADDRESSES = ["", "a@b.c", "a@b", "a b@c.de", "@b.c", "a@b@c.de", "ä@ö.de", "a@.", " a@b.c"];

/** Records that differ in one field; every other field is as it should be. */
const RECORDS: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  companies: [
    ...NUMBERS.flatMap((value) => [{ annual_revenue: value }, { number_of_employees: value }]),
    { status: null },
    { status: "" },
    { company_name: null, status: null },
    { company_id: null },
    { company_id: "" },
    { company_id: "7", status: null, _deleted: true },
    { company_id: "", _deleted: true },
    { status: null, _deleted: false },
  ].map((record) => ({ company_id: "1", company_name: "A", status: "x", ...record })),
  contacts: ADDRESSES.map((value) => ({
    contact_id: "1",
    company_id: "1",
    default_email_address: value,
  })),
  tickets: TIMES.flatMap((value) => [{ closed_date: value }, { last_updated: value }]).map(
    (record) => ({ ticket_id: "1", status: "x", ...record }),
  ),
};

it.each(Object.keys(RECORDS))(
  "the form says of %s what the engine says, in the same words",
  async (table) => {
    const tenantId = await bench.tenant();
    const records = RECORDS[table] ?? [];
    const objectKey = await bench.land(tenantId, table, "a-20240601T000000Z-1.ndjson", records);
    await bench.load(tenantId, table);
    const letters = await bench.deadLetters(tenantId);
    const entity = bench.entity(table);
    for (const [index, record] of records.entries()) {
      const letter = letters.find((one) => one.source_row === index + 1);
      const engine = Object.fromEntries(
        (letter?.errors ?? []).map((error) => [error.field, error.message]),
      );
      const raw = JSON.stringify(record);
      const form = recordFaults(entity, recordText(entity, { raw, objectKey }));
      expect({ raw, ...form }).toEqual({ raw, ...engine });
    }
    expect(letters.length).toBeGreaterThan(3);
  },
);
