import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { LoadBench } from "../support/load";

let bench: LoadBench;
beforeAll(async () => {
  bench = await LoadBench.open();
});
afterAll(async () => bench.close());

const TABLE = "companies";
const NAME = "changes-20240301T000000Z-1";

describe.concurrent("a CSV", () => {
  it("tells an empty cell, which is NULL, from a quoted one, which is ''", async () => {
    const tenantId = await bench.tenant();
    const text =
      'company_id,company_name,status,city,zip\n1,"",Active,,""\n2,"a ""b"", c\nd",Active,"NULL",\\N\n';
    await bench.land(tenantId, TABLE, `${NAME}.csv`, text);
    expect(await bench.load(tenantId, TABLE)).toMatchObject({ status: "succeeded", new: 2 });
    expect(await bench.history(tenantId, TABLE)).toMatchObject([
      { company_id: "1", company_name: "", city: null, zip: "" },
      { company_id: "2", company_name: 'a "b", c\nd', city: "NULL" },
    ]);
  });

  it("may have its columns in any order, more of them and fewer, a BOM and CRLF", async () => {
    const tenantId = await bench.tenant();
    const text =
      '\uFEFFstatus,crm_score,company_name,"company_id",last_updated\r\n' +
      "Active,3,Contoso,1,2024-03-01T10:00:00+02:00\r\n" +
      'Gone,,"Müller, Söhne",2,\r\n';
    await bench.land(tenantId, TABLE, `${NAME}.csv`, text);
    expect(await bench.load(tenantId, TABLE)).toMatchObject({
      status: "succeeded",
      new: 2,
      rejected: 0,
    });
    expect(await bench.history(tenantId, TABLE)).toMatchObject([
      { company_id: "1", status: "Active", effective_start_date: "2024-03-01T08:00:00.000Z" },
      { company_id: "2", status: "Gone", company_name: "Müller, Söhne", city: null },
    ]);
  });

  it("has delete markers, and rejects a bad row with its place and the row as JSON", async () => {
    const tenantId = await bench.tenant();
    const rows = [
      "company_id,company_name,status,annual_revenue,_deleted",
      "1,Contoso,Active,12.345,",
      ",Nameless,Active,,",
      '3,Contoso,Active,"12,5",false',
      "4,,Active,,",
      "5,,,,true",
    ];
    const key = await bench.land(
      tenantId,
      TABLE,
      `${NAME}.csv`,
      Buffer.concat([
        Buffer.from(`${rows.join("\n")}\n6,M`),
        Buffer.from([0xfc]),
        Buffer.from("ller,Active,,\n"),
      ]),
    );
    const run = await bench.load(tenantId, TABLE);
    expect(run).toMatchObject({ status: "succeeded", read: 6, new: 1, unchanged: 1, rejected: 4 });
    expect(await bench.history(tenantId, TABLE)).toMatchObject([{ annual_revenue: "12.35" }]);

    const letters = await bench.deadLetters(tenantId);
    expect(
      letters.map(({ kind, object_key, source_row, entity_id, errors }) => ({
        at: [kind, object_key, source_row, entity_id],
        error: errors.map(({ field, rule, message }) => `${field}: ${rule}: ${message}`),
      })),
    ).toEqual([
      { at: ["record", key, 2, ""], error: ["company_id: required: is missing or empty"] },
      { at: ["record", key, 3, "3"], error: ["annual_revenue: numeric: is not a number"] },
      { at: ["record", key, 4, "4"], error: ["company_name: required: is missing"] },
      { at: ["record", key, 6, "6"], error: [": encoding: the row is not valid UTF-8"] },
    ]);
    expect(JSON.parse(letters[1]?.raw ?? "")).toMatchObject({
      company_id: "3",
      annual_revenue: "12,5",
    });
  });
});

describe.concurrent("a Parquet", () => {
  it("of other types is read by the values it holds", async () => {
    const tenantId = await bench.tenant();
    await bench.landSelect(
      tenantId,
      "tickets",
      `${NAME}.parquet`,
      "Parquet",
      `SELECT toInt64(7) AS ticket_id, toUInt16(12) AS ticket_number, toFloat64(0.1) AS summary, true AS description,
  toLowCardinality('New') AS status, toUUID('61f0c404-5cb3-11e7-907b-a6006ad3dba0') AS priority,
  toDecimal64('12.3450', 4) AS actual_hours, toFloat64(1.005) AS budget_hours,
  toDateTime64('1969-12-31 23:59:59.123456789', 9, 'UTC') AS created_date, toDate32('1950-01-02') AS closed_date,
  toDateTime64('2024-03-01 10:00:00.123999', 6, 'UTC') AS last_updated,
  [1, 2] AS nobody_knows, map('a', 1) AS nor_this`,
    );
    expect(await bench.load(tenantId, "tickets")).toMatchObject({
      status: "succeeded",
      new: 1,
      rejected: 0,
    });
    expect(await bench.history(tenantId, "tickets")).toMatchObject([
      {
        ticket_id: "7",
        ticket_number: "12",
        summary: "0.1",
        description: "true",
        status: "New",
        priority: "61f0c404-5cb3-11e7-907b-a6006ad3dba0",
        severity: null,
        actual_hours: "12.35",
        budget_hours: "1.01",
        created_date: "1969-12-31T23:59:59.123Z",
        closed_date: "1950-01-02T00:00:00.000Z",
        effective_start_date: "2024-03-01T10:00:00.123Z",
      },
    ]);
  });

  it("has delete markers as booleans, and rejects bad rows like any other format", async () => {
    const tenantId = await bench.tenant();
    const key = await bench.landSelect(
      tenantId,
      TABLE,
      `${NAME}.parquet`,
      "Parquet",
      `SELECT * FROM values('company_id Nullable(String), company_name Nullable(String), status Nullable(String), annual_revenue Nullable(Float64), number_of_employees Nullable(Int64), _deleted Bool',
  ('1', 'Contoso', 'Active', 12.345, 250, false),
  (NULL, 'Nameless', 'Active', NULL, NULL, false),
  ('3', 'Contoso', 'Active', nan, -1, false),
  ('4', 'Contoso', NULL, 1e300, 4294967296, false),
  ('5', NULL, NULL, NULL, NULL, true),
  (unhex('FC'), 'Contoso', 'Active', NULL, NULL, false))`,
    );
    const run = await bench.load(tenantId, TABLE);
    expect(run).toMatchObject({ status: "succeeded", read: 6, new: 1, unchanged: 1, rejected: 4 });
    expect(await bench.history(tenantId, TABLE)).toMatchObject([
      { company_id: "1", annual_revenue: "12.35", number_of_employees: 250 },
    ]);
    expect(
      (await bench.deadLetters(tenantId)).map(({ object_key, source_row, errors }) => ({
        object_key,
        source_row,
        errors: errors.map(({ field, message }) => `${field} ${message}`),
      })),
    ).toEqual([
      { object_key: key, source_row: 2, errors: ["company_id is missing or empty"] },
      {
        object_key: key,
        source_row: 3,
        errors: [
          "annual_revenue is not a number",
          "number_of_employees is not a whole number from 0 to 4294967295",
        ],
      },
      {
        object_key: key,
        source_row: 4,
        errors: [
          "status is missing",
          "annual_revenue is larger than 16 digits before the point",
          "number_of_employees is not a whole number from 0 to 4294967295",
        ],
      },
      { object_key: key, source_row: 6, errors: [" the row is not valid UTF-8"] },
    ]);
  });

  it("without the id column has every row rejected, and without the others has NULLs", async () => {
    const tenantId = await bench.tenant();
    await bench.landSelect(
      tenantId,
      TABLE,
      `nameless-20240301T000000Z-1.parquet`,
      "Parquet",
      "SELECT 'Contoso' AS company_name, 'Active' AS status FROM numbers(3)",
    );
    await bench.landSelect(
      tenantId,
      TABLE,
      `narrow-20240301T000000Z-1.parquet`,
      "Parquet",
      "SELECT toString(number) AS company_id, 'Contoso' AS company_name, 'Active' AS status FROM numbers(3)",
    );
    expect(await bench.load(tenantId, TABLE)).toMatchObject({
      status: "succeeded",
      read: 6,
      new: 3,
      rejected: 3,
    });
    expect(await bench.history(tenantId, TABLE)).toMatchObject([
      { company_id: "0", city: null, annual_revenue: null },
      { company_id: "1" },
      { company_id: "2" },
    ]);
  });
});

describe("every format", () => {
  it("gives the same history, plain or packed", async () => {
    const tenantId = await bench.tenant();
    const day = (hour: number): string => `2024030${hour}T000000Z-1`;
    const select = (city: string): string =>
      `SELECT '7' AS company_id, 'Müller "&" Söhne' AS company_name, 'Active' AS status, '${city}' AS city, toDecimal64('12.50', 2) AS annual_revenue, 250 AS number_of_employees`;
    const formats = [
      ["parquet", "Parquet"],
      ["ndjson.gz", "JSONEachRow"],
      ["jsonl.zst", "JSONEachRow"],
      ["json", "JSONEachRow"],
      ["csv", "CSVWithNames"],
      ["csv.gz", "CSVWithNames"],
      ["csv.zst", "CSVWithNames"],
    ] as const;
    for (const [index, [ending, format]] of formats.entries()) {
      const name = `changes-${day(index + 1)}.${ending}`;
      await bench.landSelect(tenantId, TABLE, name, format, select(ending));
    }
    expect(await bench.load(tenantId, TABLE)).toMatchObject({
      status: "succeeded",
      new: 1,
      changed: formats.length - 1,
    });
    const history = await bench.history(tenantId, TABLE);
    expect(history.map((row) => row["city"])).toEqual(formats.map(([ending]) => ending));
    for (const row of history) {
      expect(row).toMatchObject({
        company_name: 'Müller "&" Söhne',
        annual_revenue: "12.50",
        number_of_employees: 250,
      });
    }
  });
});
