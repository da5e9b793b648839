import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type DeadLetter, LoadBench, type LoadedRun, balances, ndjson } from "../support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const OBJECT = "changes-20240301T000000Z-1";

/** A valid record of each table with the given id. */
const VALID: Record<string, (id: string) => Record<string, unknown>> = {
  companies: (id) => ({ company_id: id, company_name: "Contoso", status: "Active" }),
  contacts: (id) => ({ contact_id: id, company_id: "c1" }),
  tickets: (id) => ({ ticket_id: id, status: "New" }),
};

function valid(table: string, id: string, more: object = {}): Record<string, unknown> {
  const make = VALID[table];
  if (make === undefined) throw new Error(`No valid record of ${table} is known here.`);
  return { ...make(id), ...more };
}

function ids(history: readonly Record<string, unknown>[], idColumn: string): unknown[] {
  return history.map((row) => row[idColumn]);
}

interface BadLine {
  readonly title: string;
  /** A line as it is written, or what makes a valid record a bad one. */
  readonly line: string | Buffer | Record<string, unknown>;
  readonly rule: string;
  readonly field: string;
  readonly message: string;
  readonly value?: string;
}

const notJson = { rule: "json", field: "", message: "the line is not JSON" };
const NOT_WHOLE = "is not a whole number from 0 to 4294967295";
const NOT_A_TIME = "is not an ISO 8601 date or time";
const TOO_LARGE = "is larger than 16 digits before the point";

const BAD_COMPANIES: readonly BadLine[] = [
  { title: "a line that is text", line: "company 7 was renamed", ...notJson },
  { title: "a line cut short", line: '{"company_id":"7","company_name":"Con', ...notJson },
  { title: "two records in one line", line: '{"company_id":"7"}{"company_id":"8"}', ...notJson },
  {
    title: "a raw NUL byte",
    line: '{"company_id":"7","company_name":"Con\u0000toso"}',
    ...notJson,
  },
  {
    title: "a JSON array as a line",
    line: '[{"company_id":"7"}]',
    rule: "json",
    field: "",
    message: "the line is a JSON array, not an object",
  },
  {
    title: "a JSON number as a line",
    line: "42",
    rule: "json",
    field: "",
    message: "the line is a JSON number, not an object",
  },
  {
    title: "a JSON text as a line",
    line: '"company"',
    rule: "json",
    field: "",
    message: "the line is a JSON string, not an object",
  },
  {
    title: "a JSON null as a line",
    line: "null",
    rule: "json",
    field: "",
    message: "the line is a JSON null, not an object",
  },
  {
    title: "a key twice in an object",
    line: '{"company_id":"7","company_name":"A","status":"Active","company_name":"B"}',
    rule: "json",
    field: "",
    message: 'the key "company_name" appears twice',
  },
  {
    title: "invalid UTF-8",
    line: Buffer.concat([
      Buffer.from('{"company_id":"7","status":"Active","company_name":"M'),
      Buffer.from([0xfc]),
      Buffer.from('ller"}'),
    ]),
    rule: "encoding",
    field: "",
    message: "the line is not valid UTF-8",
  },
  {
    title: "nothing but bytes that are no text",
    line: Buffer.from([0xfc, 0xff]),
    rule: "encoding",
    field: "",
    message: "the line is not valid UTF-8",
  },
  {
    title: "no id",
    line: '{"company_name":"Contoso","status":"Active"}',
    rule: "required",
    field: "company_id",
    message: "is missing or empty",
  },
  {
    title: "an id that is null",
    line: { company_id: null },
    rule: "required",
    field: "company_id",
    message: "is missing or empty",
  },
  {
    title: "an empty id",
    line: { company_id: "" },
    rule: "required",
    field: "company_id",
    message: "is missing or empty",
  },
  {
    title: "a delete marker without an id",
    line: '{"_deleted":true}',
    rule: "required",
    field: "company_id",
    message: "is missing or empty",
  },
  {
    title: "a missing required field",
    line: '{"company_id":"7","company_name":"Contoso"}',
    rule: "required",
    field: "status",
    message: "is missing",
  },
  {
    title: "a required field that is null",
    line: { company_name: null },
    rule: "required",
    field: "company_name",
    message: "is missing",
  },
  ...["a lot", "12,50", "0x10", "NaN", "Infinity", "1e", "--1", "1.5.5", "e3", ".", "-", "+."].map(
    (value) => ({
      title: `"${value}" in a decimal`,
      line: { annual_revenue: value },
      rule: "numeric",
      field: "annual_revenue",
      message: "is not a number",
      value,
    }),
  ),
  ...["99999999999999999.99", "1e20", "1e400", "9".repeat(60), "-10000000000000000"].map(
    (value) => ({
      title: `${value} in a decimal`,
      line: { annual_revenue: value },
      rule: "numeric",
      field: "annual_revenue",
      message: TOO_LARGE,
      value,
    }),
  ),
  ...["many", ".", "1.0.0"].map((value) => ({
    title: `"${value}" in an integer`,
    line: { number_of_employees: value },
    rule: "integer",
    field: "number_of_employees",
    message: "is not a number",
    value,
  })),
  ...["4294967296", "-1", "250.7", "1e12"].map((value) => ({
    title: `${value} in an integer`,
    line: { number_of_employees: Number(value) },
    rule: "integer",
    field: "number_of_employees",
    message: NOT_WHOLE,
  })),
  {
    title: "a bare number of 24 digits in a decimal",
    line: `{"company_id":"7","company_name":"A","status":"B","annual_revenue":${"9".repeat(24)}}`,
    rule: "numeric",
    field: "annual_revenue",
    message: TOO_LARGE,
    value: "9".repeat(24),
  },
  {
    title: "a last_updated that is no time",
    line: { last_updated: "yesterday" },
    rule: "datetime",
    field: "last_updated",
    message: NOT_A_TIME,
    value: "yesterday",
  },
];

const BAD_CONTACTS: readonly BadLine[] = [
  "not-an-address",
  "ada@example",
  "ada lovelace@example.org",
  "ada@@example.org",
  "@example.org",
].map((value) => ({
  title: `the e-mail address "${value}"`,
  line: { default_email_address: value },
  rule: "email",
  field: "default_email_address",
  message: "is not an e-mail address",
  value,
}));

const BAD_TICKETS: readonly BadLine[] = [
  "yesterday",
  "2024-02-30",
  "2023-02-29",
  "2024-13-01",
  "2024-00-10",
  "2024-03-01T25:00:00Z",
  "2024-03-01T10:61:00Z",
  "01.03.2024",
  "03/01/2024",
  "2024-03",
  "1700000000",
  "2024-03-01T10:00:00 Europe/Berlin",
  "2024-03-01T10:00:60Z",
  "2024-03-01T10:00:00+25:00",
  "0000-00-00",
  "0000-02-10",
  // The usual spelling is read in a way of its own.
  "2024-02-30T10:20:30.123Z",
  "2024-13-10T10:20:30.123Z",
  "2024-02-10T24:20:30.123Z",
  "2:24-02-10T10:20:30.123Z",
  "0000-02-10T10:20:30.123Z",
].map((value) => ({
  title: `the date "${value}"`,
  line: { created_date: value === "1700000000" ? Number(value) : value },
  rule: "datetime",
  field: "created_date",
  message: NOT_A_TIME,
  value,
}));

describe.each([
  { table: "companies", idColumn: "company_id", lines: BAD_COMPANIES },
  { table: "contacts", idColumn: "contact_id", lines: BAD_CONTACTS },
  { table: "tickets", idColumn: "ticket_id", lines: BAD_TICKETS },
])("a bad record of $table", ({ table, idColumn, lines }) => {
  let key: string;
  let run: LoadedRun;
  let letters: Map<number, DeadLetter>;
  let loaded: unknown[];

  function written({ line }: BadLine): Buffer {
    if (Buffer.isBuffer(line)) return line;
    return Buffer.from(typeof line === "string" ? line : JSON.stringify(valid(table, "bad", line)));
  }

  beforeAll(async () => {
    const tenantId = await bench.tenant();
    // Good records stand between the bad ones: odd rows are good, even rows bad.
    const content = lines.flatMap((bad, index) => [
      Buffer.from(ndjson([valid(table, `good ${index}`)])),
      written(bad),
      Buffer.from("\n"),
    ]);
    key = await bench.land(tenantId, table, `${OBJECT}.ndjson`, Buffer.concat(content));
    run = await bench.load(tenantId, table);
    letters = new Map(
      (await bench.deadLetters(tenantId)).map((letter) => [letter.source_row, letter]),
    );
    loaded = ids(await bench.history(tenantId, table), idColumn);
  });

  it.each(lines.map((bad, index) => ({ ...bad, row: index * 2 + 2, bad })))(
    "is told with its place: $title",
    ({ row, bad, rule, field, message, value }) => {
      expect(letters.get(row)).toMatchObject({
        table_name: table,
        kind: "record",
        object_key: key,
        status: "open",
        raw: written(bad).toString(),
        errors: [{ rule, field, message, ...(value === undefined ? {} : { value }) }],
        cause: `${field} ${message}`.trim(),
      });
    },
  );

  it("costs no other record, and the ledger balances", () => {
    expect(loaded.toSorted()).toEqual(lines.map((_, index) => `good ${index}`).toSorted());
    expect(letters.size).toBe(lines.length);
    expect(run).toMatchObject({
      status: "succeeded",
      error: "",
      read: lines.length * 2,
      new: lines.length,
      rejected: lines.length,
    });
    expect(balances(run)).toBe(true);
  });
});

describe.concurrent("a record", () => {
  it("has all its errors in one dead letter", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, [
      { company_id: "7", status: "Active", annual_revenue: "much", number_of_employees: "many" },
    ]);
    await bench.load(tenantId, "companies");

    const [letter, ...more] = await bench.deadLetters(tenantId);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ entity_id: "7", source_row: 1, attempts: 1 });
    expect(letter?.errors.map(({ field, rule }) => `${field} ${rule}`)).toEqual([
      "company_name required",
      "annual_revenue numeric",
      "number_of_employees integer",
    ]);
  });

  it("that is sent again, and bad again, counts an attempt of its own object", async () => {
    const tenantId = await bench.tenant();
    const bad = [{ company_id: "7", status: "Active" }];
    await bench.land(tenantId, "companies", "a-20240301T000000Z-1.ndjson", bad);
    await bench.load(tenantId, "companies", "bulk");
    await bench.load(tenantId, "companies", "bulk");
    const letters = await bench.deadLetters(tenantId);
    expect(letters.map(({ attempts, status }) => ({ attempts, status }))).toEqual([
      { attempts: 2, status: "open" },
    ]);

    await bench.land(tenantId, "companies", "a-20240301T000000Z-1.ndjson", [
      valid("companies", "7"),
    ]);
    const mended = await bench.load(tenantId, "companies", "bulk");
    expect(mended).toMatchObject({ status: "succeeded", rejected: 0, new: 1 });
    expect(await bench.deadLetters(tenantId)).toMatchObject([{ status: "superseded" }]);
  });

  it("may be a delete marker with nothing but an id", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", "a-20240301T000000Z-1.ndjson", [
      valid("companies", "7"),
    ]);
    await bench.land(tenantId, "companies", "b-20240302T000000Z-1.ndjson", [
      { company_id: "7", _deleted: true, annual_revenue: "much" },
    ]);
    const run = await bench.load(tenantId, "companies");
    expect(run).toMatchObject({ status: "succeeded", new: 1, deleted: 1, current: 0 });
  });

  it("may have a date of any year, and the numbers at the ends of their columns", async () => {
    const tenantId = await bench.tenant();
    const dates = ["0001-01-01", "1492-10-12", "1969-12-31", "2299-12-31", "9999-12-31"];
    await bench.land(
      tenantId,
      "tickets",
      `${OBJECT}.ndjson`,
      dates.map((date) => valid("tickets", date, { created_date: date })),
    );
    expect(await bench.load(tenantId, "tickets")).toMatchObject({ new: 5, rejected: 0 });
    const history = await bench.history(tenantId, "tickets");
    expect(history.map((row) => row["created_date"])).toEqual(
      dates.map((date) => `${date}T00:00:00.000Z`),
    );

    const numbers = [
      { annual_revenue: "9999999999999999.99", number_of_employees: 4_294_967_295 },
      { annual_revenue: "-9999999999999999.994", number_of_employees: "250.0" },
      { annual_revenue: "-0.00", number_of_employees: "2.5e2" },
    ];
    await bench.land(
      tenantId,
      "companies",
      `${OBJECT}.ndjson`,
      numbers.map((more, index) => valid("companies", String(index), more)),
    );
    expect(await bench.load(tenantId, "companies")).toMatchObject({ new: 3, rejected: 0 });
    expect(await bench.history(tenantId, "companies")).toMatchObject([
      { annual_revenue: "9999999999999999.99", number_of_employees: 4_294_967_295 },
      { annual_revenue: "-9999999999999999.99", number_of_employees: 250 },
      { annual_revenue: "0.00", number_of_employees: 250 },
    ]);
  });

  it("keeps every digit of a number that is an id or text", async () => {
    const tenantId = await bench.tenant();
    const lines = [
      '{"company_id":123456789012345678901234567890,"company_name":1.50,"status":1e3}',
      '{"company_id":18446744073709551616,"company_name":-0.10,"status":12345678901234567.25}',
      '{"company_id":18446744073709551617,"_deleted":true}',
    ];
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, lines.join("\n"));
    expect(await bench.load(tenantId, "companies")).toMatchObject({
      new: 2,
      unchanged: 1,
      rejected: 0,
    });
    expect(await bench.history(tenantId, "companies")).toMatchObject([
      { company_id: "123456789012345678901234567890", company_name: "1.50", status: "1e3" },
      {
        company_id: "18446744073709551616",
        company_name: "-0.10",
        status: "12345678901234567.25",
      },
    ]);
  });

  it("keeps a NUL that is written as \\u0000", async () => {
    const tenantId = await bench.tenant();
    const name = "Con\u0000toso\u0000";
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, [
      valid("companies", "7\u0000", { company_name: name }),
    ]);
    expect(await bench.load(tenantId, "companies")).toMatchObject({ new: 1, rejected: 0 });
    expect(await bench.history(tenantId, "companies")).toMatchObject([
      { company_id: "7\u0000", company_name: name },
    ]);
  });

  it("may have columns nobody knows, and columns only the engine sets", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, [
      valid("companies", "7", {
        crm_score: 3,
        nested: { a: [1, { b: null }] },
        "a'b\"c`d": "quoted",
        "": "nameless",
        tenant_id: "somebody-else",
        is_current: false,
        record_hash: 1,
      }),
    ]);
    expect(await bench.load(tenantId, "companies")).toMatchObject({
      status: "succeeded",
      new: 1,
      rejected: 0,
    });
    const [row] = await bench.history(tenantId, "companies");
    expect(row).toMatchObject({ company_id: "7", is_current: true });
    expect(Object.keys(row ?? {})).not.toContain("crm_score");
  });

  it("of 20 MB is loaded whole, and so are its neighbours", async () => {
    const tenantId = await bench.tenant();
    const description = `start ${"0123456789äöü ".repeat(1_250_000)}end`;
    expect(Buffer.byteLength(description)).toBeGreaterThan(20_000_000);
    const text = ndjson([
      valid("tickets", "a"),
      valid("tickets", "b", { description, actual_hours: "HOURS" }),
      valid("tickets", "c"),
    ]);
    // As a bare number of this spelling it is read token by token.
    const spelled = text.replace('"HOURS"', "1.50");
    await bench.land(tenantId, "tickets", `${OBJECT}.ndjson`, spelled);
    expect(await bench.load(tenantId, "tickets")).toMatchObject({ status: "succeeded", new: 3 });
    const history = await bench.history(tenantId, "tickets");
    expect(ids(history, "ticket_id")).toEqual(["a", "b", "c"]);
    expect(history[1]?.["description"] === description).toBe(true);
    expect(history[1]?.["actual_hours"]).toBe("1.50");
  });

  it("of 20 MB that is bad is kept as it came", async () => {
    const tenantId = await bench.tenant();
    const description = "x".repeat(20_000_000);
    const bad = { ticket_id: "b", description };
    await bench.land(tenantId, "tickets", `${OBJECT}.ndjson`, [valid("tickets", "a"), bad]);
    expect(await bench.load(tenantId, "tickets")).toMatchObject({ new: 1, rejected: 1 });
    const [letter] = await bench.deadLetters(tenantId);
    expect(letter?.raw === JSON.stringify(bad)).toBe(true);
  });
});

const ODD_IDS: readonly string[] = [
  "O'Brien",
  '"quoted"',
  "back\\slash",
  "\\",
  "\\'",
  "\\N",
  "NULL",
  "100%",
  "%_",
  "line\nbreak",
  "carriage\r\nreturn",
  "tab\tbed",
  "'; DROP TABLE companies_scd; --",
  "1 OR 1=1",
  "{tenant_id:String}",
  "{x}",
  "${x}",
  "a,b;c|d",
  " blank ",
  "é",
  "e\u0301",
  "😀",
  "0",
  "x".repeat(10_000),
  `${"x".repeat(9_999)}y`,
];

describe("an odd id", () => {
  it("is text like any other: versions, deletes and lookups find it", async () => {
    const tenantId = await bench.tenant();
    const at = (day: number): string => `2024-03-0${day}T00:00:00.000Z`;
    await bench.land(
      tenantId,
      "companies",
      "a-20240301T000000Z-1.ndjson",
      ODD_IDS.map((id) => valid("companies", id, { last_updated: at(1) })),
    );
    expect(await bench.load(tenantId, "companies")).toMatchObject({ new: ODD_IDS.length });
    await bench.land(
      tenantId,
      "companies",
      "b-20240303T000000Z-1.ndjson",
      ODD_IDS.flatMap((id) => [
        valid("companies", id, { last_updated: at(2), status: id }),
        { company_id: id, last_updated: at(3), _deleted: true },
      ]),
    );
    const run = await bench.load(tenantId, "companies");
    expect(run).toMatchObject({
      status: "succeeded",
      changed: ODD_IDS.length,
      deleted: ODD_IDS.length,
      rejected: 0,
      versions: ODD_IDS.length * 2,
      current: 0,
    });

    const expected = ODD_IDS.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    const history = await bench.history(tenantId, "companies");
    expect(
      history.map((row) => [
        row["company_id"],
        row["status"],
        row["effective_start_date"],
        row["effective_end_date"],
      ]),
    ).toEqual(
      expected.flatMap((id) => [
        [id, "Active", at(1), at(2)],
        [id, id, at(2), at(3)],
      ]),
    );
    expect(await bench.complaints(tenantId, "companies")).toEqual([]);
  });
});

describe.concurrent("the share of rejected rows", () => {
  const records = (good: number, bad: number): Record<string, unknown>[] => [
    ...Array.from({ length: good }, (_, index) => valid("companies", `good ${index}`)),
    ...Array.from({ length: bad }, (_, index) => ({ company_id: `bad ${index}` })),
  ];

  it("above the threshold stops the run before anything is published", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", "a-20240301T000000Z-1.ndjson", records(5, 0));
    await bench.load(tenantId, "companies");
    const before = await bench.history(tenantId, "companies");

    await bench.land(
      tenantId,
      "companies",
      "b-20240302T000000Z-1.ndjson",
      records(89, 11).map((record) => ({ ...record, city: "Ulm" })),
    );
    const run = await bench.load(tenantId, "companies");

    expect(run).toMatchObject({ status: "failed", versions: 0 });
    expect(run.error).toContain("11.0 % of the rows were rejected (11 of 100)");
    expect(run.error).toContain("the threshold is 10 %");
    expect(run.error).toContain("Nothing was published");
    expect(run.error).toMatch(/Mend the records .* load again/);
    expect(balances(run)).toBe(true);
    expect(await bench.history(tenantId, "companies")).toEqual(before);

    const letters = await bench.deadLetters(tenantId);
    expect(letters.filter(({ kind }) => kind === "record")).toHaveLength(11);
    expect(letters.filter(({ kind }) => kind === "run")).toMatchObject([
      { errors: [{ rule: "RejectThresholdError" }] },
    ]);

    // Mended at the source and loaded again, it goes through.
    await bench.land(
      tenantId,
      "companies",
      "b-20240302T000000Z-1.ndjson",
      records(100, 0).map((record) => ({ ...record, city: "Ulm" })),
    );
    expect(await bench.load(tenantId, "companies")).toMatchObject({
      status: "succeeded",
      read: 100,
      new: 95,
      changed: 5,
    });
  });

  it("stops a bulk load too, and the history stays", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", "a-20240301T000000Z-1.ndjson", records(5, 0));
    await bench.load(tenantId, "companies");
    const before = await bench.history(tenantId, "companies");
    await bench.land(tenantId, "companies", "b-20240302T000000Z-1.ndjson", records(50, 50));
    expect(await bench.load(tenantId, "companies", "bulk")).toMatchObject({ status: "failed" });
    expect(await bench.history(tenantId, "companies")).toEqual(before);
  });

  it("of exactly the threshold passes", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, records(90, 10));
    expect(await bench.load(tenantId, "companies")).toMatchObject({
      status: "succeeded",
      new: 90,
      rejected: 10,
    });
  });

  it("does not count in a batch of fewer than 100 rows", async () => {
    const tenantId = await bench.tenant();
    await bench.land(tenantId, "companies", `${OBJECT}.ndjson`, records(49, 50));
    expect(await bench.load(tenantId, "companies")).toMatchObject({
      status: "succeeded",
      new: 49,
      rejected: 50,
    });
  });
});
